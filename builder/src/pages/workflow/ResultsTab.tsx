import { Paper, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { IconTrophy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { api, type Model, ok } from '@/api/client';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import { Sideways } from '@/shared/Sideways';
import type { Workflow } from './queries';
import { likely, percent, share, worthWords } from './results';

type Goal = Model<'GoalAnswer'>;
type Experiment = Model<'ExperimentAnswer'>;

/** What the running version achieved: its goals against the control group, and its variants. */
export function ResultsTab({ workflow }: { workflow: Workflow }) {
  const results = useQuery({
    queryKey: ['workflows', workflow.key, 'results'],
    queryFn: () =>
      ok(api.GET('/v1/workflows/{ref}/results', { params: { path: { ref: workflow.key } } })),
  });
  if (results.isPending) return <LoadingRows />;
  if (results.isError) return <ErrorState error={results.error} retry={results.refetch} />;
  const { goals, experiments } = results.data;
  if (goals.length === 0 && experiments.length === 0) {
    return (
      <EmptyState icon={IconTrophy} title="Nothing to compare yet">
        Publish the workflow with a goal, or with a message in several variants. Then this page says
        how often the goal was reached and which variant does better.
      </EmptyState>
    );
  }
  return (
    <ScrollArea h="100%" viewportProps={{ tabIndex: 0, 'aria-label': 'Results', role: 'region' }}>
      <Stack p="md" maw={960}>
        {goals.map((goal) => (
          <GoalCard key={goal.name} goal={goal} />
        ))}
        {experiments.map((experiment) => (
          <ExperimentCard key={experiment.block} experiment={experiment} />
        ))}
        <Text size="sm" c="dimmed">
          Between brackets: where the true share lies with 95 % confidence. Tests do not count.
        </Text>
      </Stack>
    </ScrollArea>
  );
}

function GoalCard({ goal }: { goal: Goal }) {
  const groups = [
    ['Entered', goal.entered],
    ['Held back', goal.control],
  ] as const;
  return (
    <Paper withBorder p="md" component="section" aria-label={`Goal ${goal.name}`}>
      <Title order={2} size="h4">
        {goal.name}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {goal.event} within {goal.within} of a message: {goal.conversions} by {goal.contacts}{' '}
        contacts{worthWords(goal.worth)}
      </Text>
      <Sideways label={`Groups of ${goal.name}`}>
        <Table aria-label={`Groups of ${goal.name}`}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Group</Table.Th>
              <Table.Th>Contacts</Table.Th>
              <Table.Th>Reached it</Table.Th>
              <Table.Th>Share</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map(
              ([name, group]) =>
                group && (
                  <Table.Tr key={name}>
                    <Table.Td>{name}</Table.Td>
                    <Table.Td>{group.contacts}</Table.Td>
                    <Table.Td>{group.converted}</Table.Td>
                    <Table.Td>{share(group.rate)}</Table.Td>
                  </Table.Tr>
                ),
            )}
          </Table.Tbody>
        </Table>
      </Sideways>
      {goal.lift !== null && (
        <Text size="sm" mt="xs">
          Those who entered do {percent(Math.abs(goal.lift))} {goal.lift < 0 ? 'worse' : 'better'}
          {goal.better === null ? '.' : `; that it helps at all is ${likely(goal.better)}.`}
        </Text>
      )}
    </Paper>
  );
}

function ExperimentCard({ experiment }: { experiment: Experiment }) {
  const goals = Object.keys(experiment.variants[0]?.conversions ?? {});
  return (
    <Paper withBorder p="md" component="section" aria-label={`Variants of ${experiment.block}`}>
      <Title order={2} size="h4" mb="xs">
        Variants of {experiment.block}
      </Title>
      <Sideways label={`Variants of ${experiment.block}`}>
        <Table aria-label={`Variants of ${experiment.block}`}>
          <Table.Thead>
            <Table.Tr>
              {[
                'Template',
                'Sent',
                'Delivered',
                'Opened',
                'Clicked',
                'Likely the best',
                ...goals,
              ].map((title) => (
                <Table.Th key={title}>{title}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {experiment.variants.map((one) => (
              <Table.Tr key={one.template}>
                <Table.Td>{one.template}</Table.Td>
                <Table.Td>{one.sent}</Table.Td>
                <Table.Td>{one.delivered}</Table.Td>
                <Table.Td>{share(one.open_rate)}</Table.Td>
                <Table.Td>{share(one.click_rate)}</Table.Td>
                <Table.Td>{percent(one.best)}</Table.Td>
                {goals.map((name) => (
                  <Table.Td key={name}>{one.conversions[name] ?? 0}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Sideways>
    </Paper>
  );
}
