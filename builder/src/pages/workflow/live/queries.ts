import { useQuery } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';

export type Stats = Model<'WorkflowStats'>;
export type Point = Model<'SeriesPoint'>;
export type Interval = Model<'SeriesAnswer'>['interval'];

const HOUR = 3_600_000;
/** How often numbers are read while they can be seen. */
const EVERY = 2_000;
const SLOWER = 10_000;

export const RANGES = {
  day: { label: 'Last 24 hours', hours: 24, intervals: ['hour'] },
  two: { label: 'Last 48 hours', hours: 48, intervals: ['hour', 'day'] },
  week: { label: 'Last 7 days', hours: 7 * 24, intervals: ['day', 'hour'] },
  month: { label: 'Last 30 days', hours: 30 * 24, intervals: ['day', 'hour'] },
  quarter: { label: 'Last 90 days', hours: 90 * 24, intervals: ['day'] },
  year: { label: 'Last 365 days', hours: 365 * 24, intervals: ['day'] },
} as const satisfies Record<
  string,
  { label: string; hours: number; intervals: readonly Interval[] }
>;

export type Range = keyof typeof RANGES;

/** When a range began: by the hour, as the server counts, so that it is asked the same for a while. */
export function beginning(range: Range, now = Date.now()): string {
  const hours = Math.floor(now / HOUR) - RANGES[range].hours + 1;
  return new Date(hours * HOUR).toISOString();
}

/** A workflow in numbers: of one version or all, of a range or all time. */
export function useStats(ref: string, version: number | null, range: Range | null = null) {
  return useQuery({
    queryKey: ['workflows', 'stats', ref, version, range],
    refetchInterval: EVERY,
    queryFn: () =>
      ok(
        api.GET('/v1/workflows/{ref}/stats', {
          params: {
            path: { ref },
            query: {
              ...(version !== null && { version }),
              ...(range !== null && { from: beginning(range) }),
            },
          },
        }),
      ),
  });
}

interface Asked {
  version: number | null;
  range: Range;
  interval: Interval;
  block: string | null;
}

export function useSeries(ref: string, { version, range, interval, block }: Asked) {
  return useQuery({
    queryKey: ['workflows', 'series', ref, version, range, interval, block],
    refetchInterval: SLOWER,
    placeholderData: (before) => before,
    queryFn: () =>
      ok(
        api.GET('/v1/workflows/{ref}/stats/series', {
          params: {
            path: { ref },
            query: {
              interval,
              from: beginning(range),
              ...(version !== null && { version }),
              ...(block !== null && { block }),
            },
          },
        }),
      ),
  });
}
