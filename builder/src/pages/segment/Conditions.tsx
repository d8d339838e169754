import { Button, Checkbox, Group, Paper, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { asProblem } from '@/api/problem';
import { changeSegment, type Segment, useSegmentChange } from '@/api/segments';
import { useMay } from '@/api/session';
import type { Predicate } from '@/canvas/model/types';
import { PredicateEditor } from '@/predicates/PredicateEditor';
import { same } from '@/predicates/useTree';
import { ErrorState } from '@/shared/ErrorState';
import { useLeaving } from './useLeaving';

/** The segment's conditions, to change and to save. */
export function Conditions({ segment }: { segment: Segment }) {
  const mayEdit = useMay('edit');
  // The editor keeps whatever it is given, also parts that it does not know.
  const saved = segment.where as unknown as Predicate;
  const [draft, setDraft] = useState<Predicate | null>(null);
  const [starts, setStarts] = useState(false);
  const save = useSegmentChange((where: Predicate) =>
    changeSegment(segment.key, { where: { ...where }, start_members: starts }),
  );
  const dirty = draft !== null && !same(draft, saved);
  useLeaving(dirty);
  const problem = save.error ? asProblem(save.error) : null;
  const submit = (): void => {
    if (draft === null) return;
    save.mutate(draft, {
      onSuccess: () => {
        setDraft(null);
        setStarts(false);
        notifications.show({
          message: 'Saved. All contacts are being looked through for who is in it now.',
          color: 'teal',
        });
      },
    });
  };
  return (
    <Stack maw={900}>
      <Paper withBorder p="sm">
        <PredicateEditor
          value={draft ?? saved}
          readOnly={!mayEdit}
          issues={problem?.issues ?? []}
          onChange={(next) => {
            save.reset();
            setDraft(next);
          }}
        />
      </Paper>
      {problem && <ErrorState error={problem} />}
      {mayEdit && (
        <Stack gap="xs">
          <Checkbox
            label="Whoever becomes a member by this change starts journeys, as if they entered now"
            checked={starts}
            disabled={!dirty}
            onChange={(event) => setStarts(event.currentTarget.checked)}
          />
          <Group>
            <Button onClick={submit} disabled={!dirty} loading={save.isPending}>
              Save conditions
            </Button>
            <Button
              variant="subtle"
              color="gray"
              disabled={!dirty}
              onClick={() => {
                save.reset();
                setDraft(null);
              }}
            >
              Discard changes
            </Button>
            {dirty && (
              <Text size="xs" c="dimmed">
                Not saved yet
              </Text>
            )}
          </Group>
        </Stack>
      )}
    </Stack>
  );
}
