/** What is written and not yet saved, kept in this browser by the template's id. */
import type { Template } from '../templates/channels';
import type { Written } from './written';

interface Unsaved {
  written: Written;
  /** What it was written on. */
  base: Template;
}

const key = (id: string) => `sojourn-template-${id}`;

export function keep(id: string, unsaved: Unsaved): void {
  try {
    localStorage.setItem(key(id), JSON.stringify(unsaved));
  } catch {
    // A full or forbidden store: the guard against leaving still holds.
  }
}

export function drop(id: string): void {
  try {
    localStorage.removeItem(key(id));
  } catch {
    // Nothing was kept then.
  }
}

export function kept(id: string): Unsaved | null {
  try {
    const text = localStorage.getItem(key(id));
    if (text === null) return null;
    const value = JSON.parse(text) as Partial<Unsaved>;
    return value.written?.parts && value.base?.updated_at ? (value as Unsaved) : null;
  } catch {
    return null;
  }
}
