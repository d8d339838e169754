/**
 * Keeps the draft on the server in step with the drawing, and in this browser until it is there.
 *
 * One save is under way at a time, each built on the revision that the one before was answered with.
 * No React and no network in here: both are handed in.
 */
import { asProblem, type Problem } from '@/api/problem';
import type { Drawing } from '@/canvas/model/types';

/** When a draft was saved, and by whom, as far as that is known. */
export interface Saved {
  readonly at: string | null;
  readonly by: string | null;
}

export type SaveState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  /** The server cannot be reached: what was drawn is kept in this browser, and tried again. */
  | { readonly kind: 'offline' }
  /** The session ended: it is sent once somebody signed in again. */
  | { readonly kind: 'signed_out' }
  /** Somebody else saved meanwhile: nothing is sent until it is decided whose drawing stays. */
  | ({ readonly kind: 'conflict'; readonly revision: number | null } & Saved)
  /** The server does not take it: it stays in this browser until it does. */
  | { readonly kind: 'refused'; readonly problem: Problem };

/** What was drawn and not yet saved, and the revision it was drawn on. */
export interface Unsent {
  readonly drawing: Drawing;
  readonly revision: number;
}

export interface Ports<Answer extends { revision: number }> {
  /** Throws a Problem; of status 409 if the draft is at another revision. */
  readonly send: (unsent: Unsent) => Promise<Answer>;
  /** The server knows the session no more; `flush` when it does again. */
  readonly onSignedOut?: () => void;
  readonly keep: (unsent: Unsent | null) => void;
  readonly onSaved: (saved: Answer) => void;
  readonly wait: (then: () => void, milliseconds: number) => () => void;
}

const PAUSE = 700;
const FIRST_RETRY = 2_000;
const LAST_RETRY = 30_000;

export class Autosave<Answer extends { revision: number }> {
  #revision: number;
  #pending: Drawing | null = null;
  #sending: Drawing | null = null;
  #state: SaveState = { kind: 'saved' };
  #cancel: (() => void) | null = null;
  #retry = FIRST_RETRY;
  readonly #ports: Ports<Answer>;
  readonly #listeners = new Set<() => void>();

  constructor(revision: number, ports: Ports<Answer>) {
    this.#revision = revision;
    this.#ports = ports;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): SaveState => this.#state;

  get revision(): number {
    return this.#revision;
  }

  /** Nothing is left to send. */
  get settled(): boolean {
    return this.#pending === null && this.#sending === null;
  }

  /** The drawing changed: keep it here at once, send it when the hand rests. */
  changed(drawing: Drawing): void {
    this.#pending = drawing;
    this.#keep();
    const { kind } = this.#state;
    if (kind === 'conflict' || kind === 'signed_out' || this.#sending !== null) return;
    this.#set({ kind: kind === 'offline' ? 'offline' : 'saving' });
    this.#later(PAUSE);
  }

  /** Send now what waits to be sent. */
  flush(): void {
    if (this.#state.kind === 'conflict' || this.#sending !== null || this.#pending === null) return;
    void this.#send();
  }

  /** Somebody else's draft is at `revision`; `mine` was drawn on an older one. */
  conflict(mine: Drawing, revision: number | null, saved: Saved): void {
    this.#pending = mine;
    this.#set({ kind: 'conflict', revision, ...saved });
  }

  /** Mine stays: it is saved over the revision that somebody else saved. */
  keepMine(revision: number): void {
    this.#revision = revision;
    this.#keep();
    this.#set({ kind: 'saving' });
    void this.#send();
  }

  /** Theirs stays: mine is let go of. Also after anything else that made a new revision. */
  takeTheirs(revision: number): void {
    this.#cancel?.();
    this.#revision = revision;
    this.#pending = null;
    this.#ports.keep(null);
    this.#set({ kind: 'saved' });
  }

  close(): void {
    this.#cancel?.();
    this.flush();
    this.#listeners.clear();
  }

  async #send(): Promise<void> {
    this.#cancel?.();
    const drawing = this.#pending;
    if (drawing === null) return;
    this.#sending = drawing;
    this.#pending = null;
    this.#set({ kind: this.#state.kind === 'offline' ? 'offline' : 'saving' });
    try {
      const saved = await this.#ports.send({ drawing, revision: this.#revision });
      this.#sending = null;
      this.#arrived(saved);
    } catch (error) {
      this.#sending = null;
      this.#pending ??= drawing;
      this.#failed(asProblem(error));
    }
  }

  #arrived(saved: Answer): void {
    this.#revision = saved.revision;
    this.#retry = FIRST_RETRY;
    this.#ports.onSaved(saved);
    this.#keep();
    this.#set({ kind: this.#pending === null ? 'saved' : 'saving' });
    if (this.#pending !== null) this.#later(PAUSE);
  }

  #failed(problem: Problem): void {
    if (problem.status === 409) {
      const { revision, updated_at: at, saved_by: by } = problem.extra;
      this.#set({
        kind: 'conflict',
        revision: typeof revision === 'number' ? revision : null,
        at: typeof at === 'string' ? at : null,
        by: typeof by === 'string' ? by : null,
      });
    } else if (problem.status === 401) {
      this.#set({ kind: 'signed_out' });
      this.#ports.onSignedOut?.();
    } else if (problem.passing || problem.status === 429) {
      this.#set({ kind: 'offline' });
      this.#later(this.#retry);
      this.#retry = Math.min(this.#retry * 2, LAST_RETRY);
    } else {
      this.#set({ kind: 'refused', problem });
    }
  }

  #keep(): void {
    const drawing = this.#pending;
    this.#ports.keep(drawing && { drawing, revision: this.#revision });
  }

  #later(milliseconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#ports.wait(() => void this.#send(), milliseconds);
  }

  #set(state: SaveState): void {
    if (state.kind === this.#state.kind && state.kind !== 'conflict' && state.kind !== 'refused')
      return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
