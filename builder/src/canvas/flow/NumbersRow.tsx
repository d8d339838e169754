import { createContext, useContext } from 'react';
import classes from './Nodes.module.css';
import type { BlockNumbers } from './nodes';

export type CountName = keyof BlockNumbers;

/** Opens the list of the contacts behind a number; null where there is none. */
export const DrillContext = createContext<((block: string, state: CountName) => void) | null>(null);

const SHOWN: readonly [CountName, string][] = [
  ['entered', 'entered'],
  ['waiting', 'here now'],
  ['sent', 'sent'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['failed', 'failed'],
  ['skipped', 'skipped'],
];

/** A block's numbers; each opens the contacts behind it. */
export function NumbersRow({ block, numbers }: { block: string; numbers: BlockNumbers }) {
  const drill = useContext(DrillContext);
  return (
    <div className={classes.numbers}>
      {SHOWN.flatMap(([name, label]) => {
        const count = numbers[name];
        if (count === undefined) return [];
        return (
          <button
            key={name}
            type="button"
            className={`${classes.number} nodrag nopan`}
            data-name={name}
            data-zero={count === 0 || undefined}
            disabled={drill === null || count === 0}
            onClick={(event) => {
              event.stopPropagation();
              drill?.(block, name);
            }}
          >
            <b>{count.toLocaleString()}</b> {label}
          </button>
        );
      })}
    </div>
  );
}
