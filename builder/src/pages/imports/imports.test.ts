import { describe, expect, it } from 'vitest';
import { readCsv } from './csv';
import { choiceOf, choose } from './mapping';

describe('CSV', () => {
  it('keeps commas, quotes and line ends in quoted cells', () => {
    const text = 'line,column,value,reason\r\n2,a,"x, ""y""\nz",no\r\n3,,,\r\n';
    expect(readCsv(text)).toEqual([
      ['line', 'column', 'value', 'reason'],
      ['2', 'a', 'x, "y"\nz', 'no'],
      ['3', '', '', ''],
    ]);
  });

  it('is nothing when it is empty', () => expect(readCsv('')).toEqual([]));
});

describe('the choice for a column', () => {
  const level = {
    column: 'Level',
    to: 'Level',
    type: 'number' as const,
    format: null,
    detected: true,
  };

  it('is what was detected until something is chosen', () => {
    expect(choiceOf(level, {})).toEqual({ to: 'Level', type: 'number' });
  });

  it('comes back as it was chosen', () => {
    const text = choose({}, level, 'contacts', { to: 'level', type: 'text' });
    expect(text).toEqual({ Level: { to: 'level', type: 'text' } });
    expect(choiceOf(level, text)).toEqual({ to: 'level', type: 'text' });
  });

  it('may be to leave it out', () => {
    const none = choose({}, level, 'contacts', { to: null, type: 'number' });
    expect(none).toEqual({ Level: null });
    expect(choiceOf(level, none)).toEqual({ to: null, type: null });
  });

  it('has no type where the target has its own', () => {
    const mail = choose({}, level, 'contacts', { to: 'email', type: 'number' });
    expect(mail).toEqual({ Level: { to: 'email' } });
  });
});
