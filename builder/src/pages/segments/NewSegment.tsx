import {
  Button,
  Checkbox,
  Group,
  Paper,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { asProblem } from '@/api/problem';
import { createSegment, useSegmentChange } from '@/api/segments';
import type { Predicate } from '@/canvas/model/types';
import { PredicateEditor } from '@/predicates/PredicateEditor';
import { ErrorState } from '@/shared/ErrorState';
import { PageHeader } from '@/shared/PageHeader';
import { keyFrom } from '../workflows/keys';

/** A new segment: conditions with a live count, or a list. */
export function NewSegment() {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const [key, setKey] = useState<string | null>(null);
  const [sort, setSort] = useState('rule');
  const [where, setWhere] = useState<Predicate>({ all: [] });
  const [starts, setStarts] = useState(false);
  const shownKey = key ?? keyFrom(name);
  const create = useSegmentChange(createSegment);
  const rule = sort === 'rule';
  const problem = create.error ? asProblem(create.error) : null;
  const at = (path: string) => problem?.issues.find((issue) => issue.path === path)?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(
      { key: shownKey, name, where: rule ? { ...where } : null, start_members: rule && starts },
      { onSuccess: (made) => void navigate(`/segments/${encodeURIComponent(made.key)}`) },
    );
  };
  return (
    <form onSubmit={submit}>
      <PageHeader title="New segment" back={{ to: '/segments', label: 'Segments' }} />
      <Stack maw={900}>
        <Group align="flex-start" grow preventGrowOverflow={false}>
          <TextInput
            label="Name"
            required
            autoFocus
            value={name}
            error={at('$.name')}
            placeholder="Active readers"
            miw={200}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Key"
            required
            value={shownKey}
            error={at('$.key')}
            miw={200}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            onChange={(event) => setKey(event.currentTarget.value)}
          />
        </Group>
        <SegmentedControl
          value={sort}
          onChange={setSort}
          aria-label="Who is in it"
          data={[
            { value: 'rule', label: 'Follows conditions' },
            { value: 'list', label: 'Static list' },
          ]}
          style={{ alignSelf: 'flex-start' }}
        />
        {rule ? (
          <>
            <Paper withBorder p="sm">
              <PredicateEditor value={where} onChange={setWhere} issues={problem?.issues ?? []} />
            </Paper>
            <Checkbox
              label="Whoever is in it already starts journeys, as if they entered now"
              description="Otherwise only those do who enter later."
              checked={starts}
              onChange={(event) => setStarts(event.currentTarget.checked)}
            />
          </>
        ) : (
          <Text size="sm" c="dimmed">
            You put contacts on the list, by hand or through the API. It can be named wherever a
            segment can.
          </Text>
        )}
        {problem && <ErrorState error={problem} />}
        <Group>
          <Button type="submit" loading={create.isPending} disabled={!name || !shownKey}>
            Create segment
          </Button>
          <Button variant="subtle" color="gray" component={Link} to="/segments">
            Cancel
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
