import { describe, expect, it } from 'vitest';
import { reloadsOnce } from './stale';

const gone = (file: string) =>
  new TypeError(`Failed to fetch dynamically imported module: http://x/assets/${file}`);

function tab() {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
}

describe('a page whose file is gone', () => {
  it('is loaded again once, and not in a loop', () => {
    const kept = tab();
    expect(reloadsOnce(gone('index-1.js'), true, kept)).toBe(true);
    expect(reloadsOnce(gone('index-1.js'), true, kept)).toBe(false);
  });

  it('is loaded again after the next version, whose files have other names', () => {
    const kept = tab();
    reloadsOnce(gone('index-1.js'), true, kept);
    expect(reloadsOnce(gone('index-2.js'), true, kept)).toBe(true);
  });

  it('stays while there is no connection, or something else is wrong', () => {
    expect(reloadsOnce(gone('index-1.js'), false, tab())).toBe(false);
    expect(reloadsOnce(new Error('x is undefined'), true, tab())).toBe(false);
  });

  it('stays where the browser keeps nothing', () => {
    const closed = {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => undefined,
    };
    expect(reloadsOnce(gone('index-1.js'), true, closed)).toBe(false);
  });
});
