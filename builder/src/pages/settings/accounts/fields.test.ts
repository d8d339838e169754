import { describe, expect, it } from 'vitest';
import type { Account, AccountKind } from '../queries';
import { fieldsOf, isKept, labelOf, settingsOf, valuesOf } from './fields';

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }], default: null });

const SMTP: AccountKind = {
  kind: 'smtp',
  channel: 'email',
  beside: [],
  secrets: ['password', 'tokens'],
  settings_schema: {
    required: ['host'],
    properties: {
      host: { type: 'string' },
      port: { type: 'integer', default: 587 },
      tls: { type: 'string', enum: ['starttls', 'none'], default: 'starttls' },
      username: nullable({ type: 'string' }),
      password: nullable({ type: 'string', format: 'password' }),
      tokens: nullable({ type: 'array', items: { type: 'string' } }),
    },
  },
};
const ACCOUNT = {
  kind: 'smtp',
  settings: { host: 'mail.example', port: 25, tls: 'none', username: 'me' },
  secrets: { password: true, tokens: false },
  readable: true,
} as unknown as Account;
const fields = fieldsOf(SMTP);

describe('the form of an account', () => {
  it('has a field for each setting, as its schema says', () => {
    expect(fields.map(({ name, input }) => [name, input])).toEqual([
      ['host', 'text'],
      ['port', 'number'],
      ['tls', 'choice'],
      ['username', 'text'],
      ['password', 'text'],
      ['tokens', 'list'],
    ]);
    expect(fields.filter(({ required }) => required).map(({ name }) => name)).toEqual(['host']);
    expect(fields.filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'password',
      'tokens',
    ]);
  });

  it('begins with the defaults, or with what is there without its secrets', () => {
    expect(valuesOf(fields, null)).toMatchObject({ host: '', port: '587', tls: 'starttls' });
    expect(valuesOf(fields, ACCOUNT)).toEqual({
      host: 'mail.example',
      port: '25',
      tls: 'none',
      username: 'me',
      password: '',
      tokens: '',
    });
  });

  it('leaves out a secret that nobody typed, so that it is kept', () => {
    const values = valuesOf(fields, ACCOUNT);
    expect(settingsOf(fields, values, ACCOUNT)).toEqual({
      host: 'mail.example',
      port: 25,
      tls: 'none',
      username: 'me',
    });
    expect(fields.filter((field) => isKept(field, ACCOUNT)).map(({ name }) => name)).toEqual([
      'password',
    ]);
    expect(fields.some((field) => isKept(field, { ...ACCOUNT, readable: false }))).toBe(false);
  });

  it('sends what was typed as its type, and null for what was emptied', () => {
    const values = {
      ...valuesOf(fields, ACCOUNT),
      username: '',
      password: ' new ',
      tokens: 'a\n\n b',
    };
    expect(settingsOf(fields, values, ACCOUNT)).toMatchObject({
      username: null,
      password: 'new',
      tokens: ['a', 'b'],
    });
  });

  it('names settings as people do', () => {
    expect(['account_sid', 'api_key', 'tls', 'webhook_public_key'].map(labelOf)).toEqual([
      'Account SID',
      'API key',
      'Encryption',
      'Webhook public key',
    ]);
  });
});
