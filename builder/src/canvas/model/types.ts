/** What the canvas draws: the definition as the server holds it, and where its blocks stand. */
import type { components } from '../definition';

type Schemas = components['schemas'];

export type Definition = Schemas['Definition'];
export type Block = Definition['blocks'][number];
export type BlockKind = Block['kind'];
export type BlockOf<Kind extends BlockKind> = Extract<Block, { kind: Kind }>;
export type Start = Definition['start'];
export type StartKind = Start['kind'];
export type StartOf<Kind extends StartKind> = Extract<Start, { kind: Kind }>;
export type Stop = NonNullable<Definition['stop']>[number];
export type StopKind = Stop['kind'];
export type StopOf<Kind extends StopKind> = Extract<Stop, { kind: Kind }>;
export type Wait = Schemas['Wait'];
export type Until = NonNullable<Wait['until']>;
export type Reentry = Schemas['Reentry'];
export type AllowedHours = Schemas['AllowedHours'];
export type LaunchSchedule = Schemas['LaunchSchedule'];
export type Channel = Schemas['MessageBlock']['channel'];
export type Weekday = NonNullable<AllowedHours['weekdays']>[number];
export type ParamCheck = Schemas['ParamCheck'];
export type Predicate = Schemas['ConditionBlock']['if'];

/** Where a block stands, by its id: left edge and top, in the canvas's own pixels. */
export type Layout = Readonly<Record<string, readonly [x: number, y: number]>>;

/** All that is edited, saved and undone together. Never changed in place. */
export interface Drawing {
  readonly definition: Definition;
  readonly layout: Layout;
}

/** Where the start card's position is kept; no block can have this id. */
export const START = '$start';
export const STOPS = '$stops';
