import { describe, expect, it } from 'vitest';
import { addressOf, filtersOf, NO_FILTERS, queryOf } from './HistoryFilters';

const LAUNCH = '0198c1b2-0000-7000-8000-000000000001';

describe('the address of a history', () => {
  it('names the launch whose contacts are wanted, one by one', () => {
    const filters = filtersOf(new URLSearchParams({ launch: LAUNCH }));
    expect(queryOf(filters)).toEqual({ launch: LAUNCH });
  });

  it('says what is looked at, so that it can be handed on', () => {
    const filters = { ...NO_FILTERS, contact: 'u1', kind: 'skipped', event: ' Paid ', block: 'a' };
    const again = filtersOf(addressOf(filters));
    expect(queryOf(again)).toEqual({ contact: 'u1', kind: 'skipped', event: 'Paid', block: 'a' });
  });

  it('asks for nothing that the server does not know', () => {
    const filters = filtersOf(new URLSearchParams({ kind: 'everything', other: 'x' }));
    expect(queryOf(filters)).toEqual({});
    expect(addressOf(NO_FILTERS).toString()).toBe('');
  });
});
