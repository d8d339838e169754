import { Chip, Group, Select, Skeleton, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Definition } from '@/canvas/model/types';
import { ErrorState } from '@/shared/ErrorState';
import { Funnel } from './Funnel';
import classes from './Live.module.css';
import { FIRST_SHOWN, MEASURES, type Measure, OF_BLOCK, OF_WORKFLOW } from './measures';
import { type Interval, RANGES, type Range, useSeries, useStats } from './queries';

const Series = lazy(() => import('./Series').then((module) => ({ default: module.Series })));

interface Props {
  workflow: string;
  version: number | null;
  definition: Definition;
}

const CHART_HEIGHT = 320;

/** A workflow over time, and how far those came who began. */
export function NumbersView({ workflow, version, definition }: Props) {
  const [range, setRange] = useState<Range>('week');
  const [wanted, setWanted] = useState<Interval | null>(null);
  const [block, setBlock] = useState<string | null>(null);
  const [chosen, setChosen] = useState<readonly Measure[]>(FIRST_SHOWN);
  const intervals: readonly Interval[] = RANGES[range].intervals;
  const interval = wanted && intervals.includes(wanted) ? wanted : (intervals[0] ?? 'day');
  const series = useSeries(workflow, { version, range, interval, block });
  const stats = useStats(workflow, version, range);
  const offered = block === null ? OF_WORKFLOW : OF_BLOCK;
  const shown = offered.filter((measure) => chosen.includes(measure));
  const ways = definition.blocks.map(({ id }) => id);
  return (
    <div className={classes.scroll}>
      <Stack gap="lg" maw={1100}>
        <Group gap="sm" align="flex-end">
          <Select
            label="Range"
            size="xs"
            data={Object.entries(RANGES).map(([value, { label }]) => ({ value, label }))}
            value={range}
            allowDeselect={false}
            onChange={(value) => setRange((value ?? 'week') as Range)}
          />
          <Select
            label="By"
            size="xs"
            w={100}
            data={intervals.map((value) => ({ value, label: value }))}
            value={interval}
            allowDeselect={false}
            onChange={(value) => setWanted(value as Interval)}
          />
          <Select
            label="Block"
            size="xs"
            placeholder="The whole workflow"
            data={ways}
            value={block}
            searchable
            clearable
            onChange={setBlock}
          />
        </Group>
        <section aria-labelledby="over-time">
          <Title order={2} size="h4" id="over-time" mb="xs">
            Over time
          </Title>
          <Chip.Group
            multiple
            value={[...chosen]}
            onChange={(value) => setChosen(value as Measure[])}
          >
            <Group gap={6} mb="sm">
              {offered.map((measure) => (
                <Chip key={measure} value={measure} size="xs">
                  {MEASURES[measure].label}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          {series.isError && !series.data ? (
            <ErrorState error={series.error} retry={series.refetch} />
          ) : series.data ? (
            <Suspense fallback={<Skeleton h={CHART_HEIGHT} />}>
              <Series
                points={series.data.data}
                measures={shown}
                interval={series.data.interval}
                zone={series.data.timezone}
              />
            </Suspense>
          ) : (
            <Skeleton h={CHART_HEIGHT} />
          )}
          {series.data && (
            <Text size="xs" c="dimmed">
              By the clock of {series.data.timezone}. Tests are not counted.
            </Text>
          )}
        </section>
        <section aria-labelledby="funnel">
          <Title order={2} size="h4" id="funnel" mb="xs">
            How far they came
          </Title>
          {stats.data ? (
            <Funnel definition={definition} stats={stats.data} />
          ) : stats.isError ? (
            <ErrorState error={stats.error} retry={stats.refetch} />
          ) : (
            <Skeleton h={36 * (ways.length + 1)} />
          )}
        </section>
      </Stack>
    </div>
  );
}
