/** What is in the editor: the parts of a template as text, apart from React and the network. */
import type { ProblemIssue } from '@/api/problem';
import { CHANNELS, type Channel, type Part, type Template } from '../templates/channels';

/** How the body of an email is written; each keeps its text while another one is tried. */
export type Format = 'mjml' | 'html' | 'text';

export interface Written {
  /** An empty text is a part that the template has not. */
  readonly parts: Readonly<Record<Part, string>>;
  readonly format: Format;
}

export type Content = Partial<Record<Exclude<Part, 'data'>, string>> & {
  data?: Record<string, unknown>;
};

const NONE: Record<Part, string> = {
  subject: '',
  html: '',
  mjml: '',
  text: '',
  title: '',
  body: '',
  link: '',
  data: '',
};

export function writtenOf(template: Template): Written {
  const parts = { ...NONE };
  for (const part of Object.keys(NONE) as Part[]) {
    const value = template[part];
    if (typeof value === 'string') parts[part] = value;
    else if (value) parts[part] = JSON.stringify(value, null, 2);
  }
  const format = template.mjml ? 'mjml' : template.html ? 'html' : 'text';
  return { parts, format: template.channel === 'email' ? format : 'text' };
}

const OF_THE_SERVER = new Set(['id', 'key', 'channel', 'created_at', 'updated_at']);

/** The parts that are not written here (languages, tracking, display): saving keeps them. */
export function untouched(template: Template): Content {
  const others = Object.entries(template).filter(
    ([name, value]) => !(name in NONE) && !OF_THE_SERVER.has(name) && value !== null,
  );
  return Object.fromEntries(others) as Content;
}

export function write(written: Written, part: Part, value: string): Written {
  return { ...written, parts: { ...written.parts, [part]: value } };
}

/** The parts that are to be filled in, in order. */
export function shownParts(channel: Channel, format: Format) {
  return CHANNELS[channel].parts
    .filter(({ part }) => channel !== 'email' || !isBody(part) || part === format)
    .map((field) => (channel === 'email' && field.part === 'text' ? plain(field, format) : field));

  function isBody(part: Part): boolean {
    return part === 'mjml' || part === 'html';
  }
}

function plain<Field extends { required?: boolean; hint?: string }>(field: Field, format: Format) {
  return format === 'text' ? { ...field, required: true, hint: 'Without any markup.' } : field;
}

/** What is sent to the server, and what keeps it from being sent. */
export function contentOf(
  channel: Channel,
  { parts, format }: Written,
): { content: Content; issues: ProblemIssue[] } {
  const content: Content = {};
  const issues: ProblemIssue[] = [];
  for (const { part } of shownParts(channel, format)) {
    const text = parts[part];
    if (text.trim() === '') continue;
    if (part !== 'data') content[part] = text;
    else {
      const data = objectOf(text);
      if (data === null) issues.push({ path: '$.data', message: 'must be a JSON object' });
      else content.data = data;
    }
  }
  return { content, issues };
}

/** The JSON object that a text says; null when it says none. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export function sameWritten(channel: Channel, one: Written, other: Written): boolean {
  return (
    shownParts(channel, one.format).every(({ part }) => one.parts[part] === other.parts[part]) &&
    one.format === other.format
  );
}

export interface Fault {
  /** From 1; null when the server names none. */
  line: number | null;
  message: string;
}

/** What is wrong with one part. */
export function faultsOf(part: Part, issues: readonly ProblemIssue[]): Fault[] {
  return issues
    .filter(({ path }) => path === `$.${part}` || path === `$.template.${part}` || inside(path))
    .map(({ message }) => {
      const found = /\bline (\d+)(?::\s*|,\s*|$)/.exec(message);
      return { line: found?.[1] ? Number(found[1]) : null, message };
    });

  function inside(path: string): boolean {
    return part === 'data' && (path.startsWith('$.data.') || path.startsWith('$.data['));
  }
}
