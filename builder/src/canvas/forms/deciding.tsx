/** Forms of the blocks that decide: condition and split. */
import { ActionIcon, Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useEventDetail } from '@/api/catalogue';
import type { ProblemIssue } from '@/api/problem';
import { PredicateEditor } from '@/predicates/PredicateEditor';
import { useDrawing } from '../editor/context';
import { useStartEvent } from '../fields/names';
import { SENDING } from '../model/graph';
import type { PlacedIssue } from '../model/issues';
import { share } from '../model/outputs';
import type { BlockFormProps } from './types';

export function ConditionForm({ block, onChange, issues }: BlockFormProps<'condition'>) {
  const { blocks } = useDrawing().definition;
  const started = useEventDetail(useStartEvent()).data;
  const context = useMemo(
    () => ({
      messages: blocks.filter((one) => SENDING.has(one.kind)).map((one) => one.id),
      params: (started?.properties ?? []).map((property) => property.name),
    }),
    [blocks, started],
  );
  const found = useMemo(() => issuesOf(issues), [issues]);
  return (
    <PredicateEditor
      value={block.if}
      context={context}
      issues={found}
      onChange={(predicate) => onChange({ ...block, if: predicate }, 'if')}
    />
  );
}

/** What the server found wrong, with paths as the editor counts them. */
const issuesOf = (issues: readonly PlacedIssue[]): ProblemIssue[] =>
  issues
    .filter(({ field, severity }) => severity === 'error' && /^if(?![\w])/.test(field))
    .map(({ field, message }) => ({ path: `$.where${field.slice('if'.length)}`, message }));

type Branch = BlockFormProps<'split'>['block']['branches'][number];

export function SplitForm({ block, onChange, error }: BlockFormProps<'split'>) {
  const { branches } = block;
  const save = (next: Branch[], field: string): void =>
    onChange({ ...block, branches: next }, field);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        The same contact always goes the same way. A way that leads nowhere is the control group.
      </Text>
      {branches.map((branch, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: branches have no name but their place
        <Group key={index} gap="xs" align="flex-end" wrap="nowrap">
          <NumberInput
            label={`Weight of way ${index + 1}`}
            description={share(branch.weight, branches)}
            value={branch.weight}
            min={0.1}
            error={error(`branches[${index}]`)}
            flex={1}
            onChange={(weight) =>
              save(
                branches.map((one, at) =>
                  at === index ? { ...one, weight: Number(weight) || 0 } : one,
                ),
                `weight ${index}`,
              )
            }
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mb={4}
            aria-label={`Remove way ${index + 1}`}
            disabled={branches.length <= 2}
            onClick={() =>
              save(
                branches.filter((_, at) => at !== index),
                'ways',
              )
            }
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button variant="light" size="xs" onClick={() => save([...branches, { weight: 50 }], 'ways')}>
        Add a way
      </Button>
    </Stack>
  );
}
