/** ISO 8601 durations as people say them: `P1DT2H` is "1 day 2 hours". */

export const UNITS = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'] as const;
export type Unit = (typeof UNITS)[number];
export type Amounts = Readonly<Partial<Record<Unit, number>>>;

export interface Duration {
  readonly negative: boolean;
  readonly amounts: Amounts;
}

const PATTERN =
  /^([-+]?)P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?$/i;
const LETTERS = {
  years: 'Y',
  months: 'M',
  weeks: 'W',
  days: 'D',
  hours: 'H',
  minutes: 'M',
  seconds: 'S',
};
const CLOCK: ReadonlySet<Unit> = new Set(['hours', 'minutes', 'seconds']);

export function readDuration(text: string): Duration | null {
  const match = PATTERN.exec(text);
  if (!match) return null;
  const amounts: Partial<Record<Unit, number>> = {};
  UNITS.forEach((unit, index) => {
    const value = match[index + 2];
    if (value !== undefined) amounts[unit] = Number(value.replace(',', '.'));
  });
  return { negative: match[1] === '-', amounts };
}

export function writeDuration({ negative, amounts }: Duration): string {
  const part = (clock: boolean): string =>
    UNITS.filter((unit) => CLOCK.has(unit) === clock && amounts[unit])
      .map((unit) => `${amounts[unit]}${LETTERS[unit]}`)
      .join('');
  const time = part(true);
  const text = `${part(false)}${time && `T${time}`}`;
  return `${negative ? '-' : ''}P${text || 'T0S'}`;
}

/** "2 hours 30 minutes"; without its sign. What is no duration is shown as it is. */
export function durationWords(text: string): string {
  const duration = readDuration(text);
  if (!duration) return text || 'no time';
  const parts = UNITS.flatMap((unit) => {
    const amount = duration.amounts[unit];
    return amount ? `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}` : [];
  });
  return parts.join(' ') || 'no time';
}

/** "1 day before", "2 hours after"; empty for no offset. */
export function offsetWords(text: string | null | undefined): string {
  if (!text) return '';
  const before = readDuration(text)?.negative ?? text.startsWith('-');
  return `${durationWords(text)} ${before ? 'before' : 'after'}`;
}
