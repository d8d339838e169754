import { describe, expect, it } from 'vitest';
import { readLooking, writeLooking } from './looking';
import { contactName, contactPath } from './names';

describe('what is looked for', () => {
  it('comes back from the address as it was', () => {
    const looking = {
      search: 'a&b',
      segment: 'vip',
      where: { field: 'plan', op: '=' as const, value: 'gold' },
    };
    expect(readLooking(writeLooking(looking))).toEqual(looking);
  });

  it('is everybody when the address says nothing, or nonsense', () => {
    const nothing = { search: '', segment: null, where: null };
    expect(readLooking(new URLSearchParams())).toEqual(nothing);
    expect(readLooking(new URLSearchParams('where=%7B'))).toEqual(nothing);
    expect(writeLooking(nothing).toString()).toBe('');
  });
});

describe('what a contact is called', () => {
  const nobody = { id: '12345678-0000', userId: null, email: null, phone: null, fields: {} };

  it('is its name, else its address, else an id', () => {
    expect(contactName({ ...nobody, fields: { name: 'Ada' }, email: 'a@b.c' })).toBe('Ada');
    expect(contactName({ ...nobody, fields: { first_name: 'Ada', last_name: 'L' } })).toBe('Ada L');
    expect(contactName({ ...nobody, email: 'a@b.c', userId: 'ada' })).toBe('a@b.c');
    expect(contactName({ ...nobody, userId: 'ada' })).toBe('ada');
    expect(contactName(nobody)).toBe('Unknown 12345678');
  });

  it('leads to its page whatever the id holds', () => {
    expect(contactPath({ id: 'x', userId: 'a/b' })).toBe('/contacts/a%2Fb');
    expect(contactPath({ id: 'x', userId: null })).toBe('/contacts/x');
  });
});
