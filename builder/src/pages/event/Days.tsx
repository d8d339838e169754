import { Group, Skeleton, Text, Tooltip } from '@mantine/core';
import type { Model } from '@/api/client';
import { useSessionQuery } from '@/api/session';
import classes from './Event.module.css';

/** How many came on each day, as bars. */
export function Days({ days }: { days: readonly Model<'DayCount'>[] | undefined }) {
  const zone = useSessionQuery().data?.workspace.timezone ?? 'UTC';
  if (!days) return <Skeleton h={132} />;
  const most = Math.max(1, ...days.map((day) => day.count));
  const total = days.reduce((sum, day) => sum + day.count, 0);
  const date = (at: string): string =>
    new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: zone });
  return (
    <figure className={classes.figure}>
      <div className={classes.bars}>
        {days.map((day) => (
          <Tooltip key={day.at} label={`${date(day.at)}: ${day.count.toLocaleString('en')}`}>
            <div className={classes.slot}>
              <div
                className={classes.bar}
                style={{
                  height: `${day.count === 0 ? 0 : Math.max(2, (100 * day.count) / most)}%`,
                }}
              />
            </div>
          </Tooltip>
        ))}
      </div>
      <Group justify="space-between" component="figcaption" mt={4}>
        <Text size="xs" c="dimmed">
          {days[0] && date(days[0].at)}
        </Text>
        <Text size="xs" c="dimmed">
          {total.toLocaleString('en')} received; the most on a day: {most.toLocaleString('en')}
        </Text>
        <Text size="xs" c="dimmed">
          {days.length > 0 && date(days[days.length - 1]?.at ?? '')}
        </Text>
      </Group>
    </figure>
  );
}
