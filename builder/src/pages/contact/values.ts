/** Values of custom fields: their types, as text to edit, and back. */

export const TYPES = ['text', 'number', 'boolean', 'date', 'json'] as const;
export type FieldType = (typeof TYPES)[number];

export const TYPE_NAMES: Readonly<Record<FieldType, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  json: 'List or object (JSON)',
};

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

export function typeOf(value: unknown): FieldType {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'string') return DATE.test(value) ? 'date' : 'text';
  return 'json';
}

/** How a value is edited, and shown. */
export const asText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

export type Read = { value: unknown } | { problem: string };

/** The value that was written, or what is wrong with it. */
export function readValue(text: string, type: FieldType): Read {
  const written = text.trim();
  if (type === 'text') return text === '' ? { problem: 'Write something' } : { value: text };
  if (written === '') return { problem: 'Write something' };
  if (type === 'number') {
    const number = Number(written);
    return Number.isFinite(number) ? { value: number } : { problem: 'This is not a number' };
  }
  if (type === 'boolean') {
    if (written === 'true' || written === 'false') return { value: written === 'true' };
    return { problem: 'Choose yes or no' };
  }
  if (type === 'date') {
    const valid = DATE.test(written) && !Number.isNaN(Date.parse(written));
    return valid
      ? { value: written }
      : { problem: 'Write it as 2026-12-24 or 2026-12-24T18:00:00+01:00' };
  }
  try {
    const value: unknown = JSON.parse(written);
    return value === null ? { problem: 'Remove the field instead' } : { value };
  } catch {
    return { problem: 'This is not JSON' };
  }
}
