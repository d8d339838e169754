/** The drawing under edit: its history, and the ids that may not be used again. No React in here. */
import { begin, commit, type History, redo, undo } from '../model/history';
import { newId, stemOf } from '../model/ids';
import type { BlockKind, Drawing } from '../model/types';

export type Edit = (drawing: Drawing) => Drawing;

export interface EditorState {
  readonly drawing: Drawing;
  readonly mayUndo: boolean;
  readonly mayRedo: boolean;
}

export class Editor {
  #history: History<Drawing>;
  #state: EditorState;
  #used: Set<string>;
  readonly #published: Set<string>;
  readonly #listeners = new Set<() => void>();
  readonly #renamed = new Set<(from: string, to: string) => void>();

  /** `reserved` are ids of published blocks: numbers are kept by id, so none may change its meaning. */
  constructor(drawing: Drawing, reserved: Iterable<string> = []) {
    this.#history = begin(drawing);
    this.#state = { drawing, mayUndo: false, mayRedo: false };
    this.#published = new Set(reserved);
    this.#used = new Set(this.#published);
    this.#remember(drawing);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): EditorState => this.#state;

  get drawing(): Drawing {
    return this.#state.drawing;
  }

  /** All ids that were ever seen here. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** Blocks of these ids were published meanwhile. */
  reserve(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#used.add(id);
      this.#published.add(id);
    }
  }

  isPublished(id: string): boolean {
    return this.#published.has(id);
  }

  /** Call a block by another id; who shows it by its id is told. */
  rename(from: string, to: string, change: Edit): void {
    this.edit(change);
    for (const listener of this.#renamed) listener(from, to);
  }

  onRename(listener: (from: string, to: string) => void): () => void {
    this.#renamed.add(listener);
    return () => this.#renamed.delete(listener);
  }

  newId(kind: BlockKind): string {
    return newId(stemOf(kind), this.#used);
  }

  /** Change the drawing; edits of the same `group` that follow each other are undone as one. */
  edit(change: Edit, group: string | null = null): void {
    this.#go(commit(this.#history, change(this.drawing), { group, at: Date.now() }));
  }

  undo(): void {
    this.#go(undo(this.#history));
  }

  redo(): void {
    this.#go(redo(this.#history));
  }

  /** Begin anew with what somebody else saved; it can be undone no further. */
  replace(drawing: Drawing): void {
    this.#go(begin(drawing));
  }

  #go(history: History<Drawing>): void {
    if (history === this.#history) return;
    this.#history = history;
    this.#remember(history.present);
    this.#state = {
      drawing: history.present,
      mayUndo: history.past.length > 0,
      mayRedo: history.future.length > 0,
    };
    for (const listener of this.#listeners) listener();
  }

  #remember(drawing: Drawing): void {
    for (const block of drawing.definition.blocks) this.#used.add(block.id);
  }
}
