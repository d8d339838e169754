/** The settings of an account as fields of a form, from the JSON Schema that the server gives. */
import type { Account, AccountKind } from '../queries';

export interface Field {
  readonly name: string;
  readonly label: string;
  /** `long`: a text of many lines; `list`: several texts, one a line. */
  readonly input: 'text' | 'long' | 'list' | 'number' | 'choice';
  readonly secret: boolean;
  readonly required: boolean;
  readonly choices: readonly string[];
  readonly initial: string;
}

/** What stands in each field, as text; an empty one says nothing. */
export type Values = Readonly<Record<string, string>>;

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly title?: string;
  readonly anyOf?: readonly Schema[];
}

const WORDS: Readonly<Record<string, string>> = {
  api: 'API',
  sid: 'SID',
  id: 'ID',
  tls: 'TLS',
  url: 'URL',
};
const LABELS: Readonly<Record<string, string>> = {
  tls: 'Encryption',
  sender: 'Sender',
  service_account: 'Service account (the JSON file)',
  private_key: 'Private key',
  secrets: 'Signing secrets, one a line',
  subject: 'Contact for the push services (mailto: or https:)',
};
const LONG: ReadonlySet<string> = new Set(['private_key', 'service_account']);

/** "account_sid" is called "Account SID". */
export function labelOf(name: string): string {
  const known = LABELS[name];
  if (known) return known;
  const said = name
    .split('_')
    .map((word) => WORDS[word] ?? word)
    .join(' ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

export function fieldsOf({ settings_schema: schema, secrets }: AccountKind): Field[] {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties).map(([name, whole]) => {
    const part = whole.anyOf?.find((one) => one.type !== 'null') ?? whole;
    const choices = (part.enum ?? []).map(String);
    return {
      name,
      label: labelOf(name),
      input: inputOf(name, part, choices),
      secret: secrets.includes(name),
      required: required.has(name),
      choices,
      initial: whole.default == null ? '' : String(whole.default),
    };
  });
}

function inputOf(name: string, part: Schema, choices: readonly string[]): Field['input'] {
  if (choices.length > 0) return 'choice';
  if (part.type === 'array') return 'list';
  if (part.type === 'integer' || part.type === 'number') return 'number';
  return LONG.has(name) ? 'long' : 'text';
}

/** What is there of an account; secrets are never told. */
export function valuesOf(fields: readonly Field[], account: Account | null): Values {
  return Object.fromEntries(
    fields.map(({ name, initial, secret }) => {
      const value = account?.settings[name];
      if (secret || value == null) return [name, account === null ? initial : ''];
      return [name, Array.isArray(value) ? value.join('\n') : String(value)];
    }),
  );
}

/** Whether an empty field may stay so, because the server keeps the secret that it has. */
export const isKept = ({ name, secret }: Field, account: Account | null): boolean =>
  secret && account?.readable === true && account.secrets[name] === true;

/** What is sent: a secret that nobody typed is left out, and so kept; what was emptied is null. */
export function settingsOf(
  fields: readonly Field[],
  values: Values,
  account: Account | null,
): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const field of fields) {
    const text = values[field.name] ?? '';
    if (text.trim() !== '') settings[field.name] = typed(field, text);
    else if (!field.secret && account?.settings[field.name] != null && !field.required)
      settings[field.name] = null;
  }
  return settings;
}

function typed({ input }: Field, text: string): unknown {
  if (input === 'number') return Number(text);
  if (input !== 'list') return text.trim();
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
