import type { PlacedIssue } from '../model/issues';
import type { BlockKind, BlockOf } from '../model/types';

export interface BlockFormProps<Kind extends BlockKind> {
  readonly block: BlockOf<Kind>;
  /** `field` names what is edited, so that typing in it is undone as one step. */
  readonly onChange: (block: BlockOf<Kind>, field: string) => void;
  readonly error: (field: string) => string | undefined;
  readonly issues: readonly PlacedIssue[];
}

/** A copy without the fields that are undefined: left out is how the server wants them. */
export function without<T extends object>(value: T, ...fields: (keyof T)[]): T {
  return Object.fromEntries(
    Object.entries(value).filter(([name]) => !fields.includes(name as keyof T)),
  ) as T;
}
