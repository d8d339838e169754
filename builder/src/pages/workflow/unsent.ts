/** What was drawn and is not on the server yet, in this browser's storage, by workflow. */
import { isLayout } from '@/canvas/model/clipboard';
import type { Unsent } from './autosave';

const name = (workflow: string): string => `sojourn-unsent:${workflow}`;

export function keepUnsent(workflow: string, unsent: Unsent | null): void {
  try {
    if (unsent === null) localStorage.removeItem(name(workflow));
    else localStorage.setItem(name(workflow), JSON.stringify(unsent));
  } catch {
    // A full or forbidden storage must not keep anybody from drawing; the server has the last save.
  }
}

export function readUnsent(workflow: string): Unsent | null {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(name(workflow)) ?? 'null');
    return isUnsent(read) ? read : null;
  } catch {
    return null;
  }
}

function isUnsent(value: unknown): value is Unsent {
  if (typeof value !== 'object' || value === null) return false;
  if (!('revision' in value && typeof value.revision === 'number' && 'drawing' in value))
    return false;
  const drawing = value.drawing;
  if (typeof drawing !== 'object' || drawing === null) return false;
  if (!('definition' in drawing && 'layout' in drawing && isLayout(drawing.layout))) return false;
  const definition = drawing.definition;
  return typeof definition === 'object' && definition !== null && 'blocks' in definition;
}
