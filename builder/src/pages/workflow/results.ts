import type { Model } from '@/api/client';

type Rate = Model<'RateAnswer'>;
type Worth = Model<'WorthAnswer'>;

export function percent(value: number): string {
  const hundredths = value * 100;
  return `${hundredths.toFixed(hundredths > 0 && hundredths < 10 ? 1 : 0)} %`;
}

/** A share and where the true one lies: `12 % (9.1 %–15 %)`. */
export function share(rate: Rate | null): string {
  return rate === null
    ? '–'
    : `${percent(rate.value)} (${percent(rate.low)}–${percent(rate.high)})`;
}

/** A chance in words; never quite certain, as no number of contacts makes it so. */
export function likely(chance: number): string {
  if (chance > 0.999) return 'more than 99.9 % likely';
  if (chance < 0.001) return 'less than 0.1 % likely';
  return `${percent(chance)} likely`;
}

/** What conversions were worth, after a comma; nothing where no event named a value. */
export function worthWords(worth: readonly Worth[]): string {
  const sums = worth.map((one) => [one.value, one.currency].filter(Boolean).join(' '));
  return sums.length === 0 ? '' : `, worth ${sums.join(' and ')}`;
}
