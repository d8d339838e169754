import {
  CartesianGrid,
  Legend,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import classes from './Live.module.css';
import { MEASURES, type Measure } from './measures';
import type { Interval, Point } from './queries';

interface Props {
  points: readonly Point[];
  measures: readonly Measure[];
  interval: Interval;
  /** The workspace's zone, by whose clock the server counts. */
  zone: string;
}

/** Numbers over time, one curve a measure. */
export function Series({ points, measures, interval, zone }: Props) {
  const label = labelled(interval, zone, points.length);
  return (
    <div className={classes.chart} role="img" aria-label={spoken(points, measures)}>
      <ResponsiveContainer width="100%" height="100%">
        <LineChart data={[...points]} margin={{ top: 8, right: 16, bottom: 0, left: 0 }}>
          <CartesianGrid stroke="var(--mantine-color-default-border)" vertical={false} />
          <XAxis
            dataKey="at"
            tickFormatter={label}
            stroke="var(--mantine-color-dimmed)"
            minTickGap={24}
          />
          <YAxis allowDecimals={false} width={44} stroke="var(--mantine-color-dimmed)" />
          <Tooltip
            labelFormatter={(at) => label(String(at))}
            contentStyle={{
              background: 'var(--mantine-color-body)',
              border: '1px solid var(--mantine-color-default-border)',
              borderRadius: 'var(--mantine-radius-md)',
            }}
          />
          <Legend />
          {measures.map((measure) => (
            <Line
              key={measure}
              type="linear"
              dataKey={measure}
              name={MEASURES[measure].label}
              stroke={`var(--mantine-color-${MEASURES[measure].colour}-filled)`}
              strokeWidth={2}
              dot={points.length < 3}
              isAnimationActive={false}
            />
          ))}
        </LineChart>
      </ResponsiveContainer>
    </div>
  );
}

function labelled(interval: Interval, zone: string, count: number): (at: string) => string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    ...(interval === 'hour' && { hour: '2-digit', minute: '2-digit' }),
    ...((interval === 'day' || count > 24) && { day: 'numeric', month: 'short' }),
  });
  return (at) => format.format(new Date(at));
}

function spoken(points: readonly Point[], measures: readonly Measure[]): string {
  const sums = measures.map((measure) => {
    const sum = points.reduce((total, point) => total + point[measure], 0);
    return `${sum.toLocaleString()} ${MEASURES[measure].label}`;
  });
  return `Over time: ${sums.join(', ')}`;
}
