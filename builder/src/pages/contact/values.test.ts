import { describe, expect, it } from 'vitest';
import { asText, readValue, typeOf } from './values';

describe('values of fields', () => {
  it.each([
    ['gold', 'text'],
    ['00123', 'text'],
    [3.5, 'number'],
    [false, 'boolean'],
    ['2026-12-24', 'date'],
    ['2026-12-24T18:00:00.25+01:00', 'date'],
    [['a', 1], 'json'],
    [{ a: null }, 'json'],
  ])('%j is kept through being edited as %s', (value, type) => {
    expect(typeOf(value)).toBe(type);
    expect(readValue(asText(value), typeOf(value))).toEqual({ value });
  });

  it.each([
    ['', 'text'],
    ['  ', 'number'],
    ['1,5', 'number'],
    ['Infinity', 'number'],
    ['yes', 'boolean'],
    ['24.12.2026', 'date'],
    ['2026-13-45', 'date'],
    ['{', 'json'],
    ['null', 'json'],
  ] as const)('%j is no %s', (text, type) => {
    expect(readValue(text, type)).toHaveProperty('problem');
  });
});
