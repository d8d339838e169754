/** What of a list fits the words that were typed. */

interface Named {
  readonly label: string;
  /** Found by, too, such as a key. */
  readonly key?: string;
}

/** Those that hold every word, what begins with the text first; at most `most`. */
export function found<Item extends Named>(
  items: readonly Item[],
  text: string,
  most: number,
): Item[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = ({ label, key = '' }: Item): string => `${label} ${key}`.toLowerCase();
  const fits = items.filter((item) => words.every((word) => said(item).includes(word)));
  const first = words[0] ?? '';
  const begins = (item: Item): number => Number(said(item).startsWith(first));
  return fits.toSorted((one, other) => begins(other) - begins(one)).slice(0, most);
}
