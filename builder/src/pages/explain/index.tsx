import { Badge, Button, Group, Paper, Select, SimpleGrid, Skeleton, Stack } from '@mantine/core';
import { IconQuestionMark, IconRefresh, IconX } from '@tabler/icons-react';
import { useSearchParams } from 'react-router';
import { useWorkflowChoices } from '@/api/choices';
import { asProblem } from '@/api/problem';
import { ContactPicker, nameOf, useContactOf } from '@/shared/ContactPicker';
import { EmptyState } from '@/shared/EmptyState';
import { ErrorState } from '@/shared/ErrorState';
import { PageHeader } from '@/shared/PageHeader';
import { type Question, useExplanation, useMessageBlocks } from './queries';
import { Story } from './Story';

/** Why a contact did, or did not, get a message: `/explain?workflow=…&contact=…&block=…`. */
export function Component() {
  const [query, setQuery] = useSearchParams();
  const asked: Question = {
    workflow: query.get('workflow'),
    contact: query.get('contact'),
    event: query.get('event'),
  };
  const block = query.get('block');
  const set = (changes: Record<string, string | null>) =>
    setQuery((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries(changes)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    });
  const workflows = useWorkflowChoices();
  const blocks = useMessageBlocks(asked.workflow);
  const choices = withChosen(workflows.data ?? [], asked.workflow);
  return (
    <>
      <PageHeader
        title="Why (not)?"
        description="Why did this contact get this message, or why not? Everything that is known, and what decided."
      />
      <Paper withBorder p="md" mb="lg">
        <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
          <Select
            label="Workflow"
            placeholder="Choose a workflow"
            searchable
            limit={100}
            nothingFoundMessage="No workflow is called so."
            data={choices}
            error={workflows.isError ? asProblem(workflows.error).detail : null}
            value={asked.workflow}
            onChange={(workflow) => set({ workflow, block: null, event: null })}
          />
          <ContactPicker
            label="Contact"
            value={asked.contact}
            onChange={(contact) => set({ contact, event: null })}
          />
          <Select
            label="Message"
            placeholder={blocks.data?.length === 0 ? 'It sends none' : 'Any'}
            clearable
            disabled={!blocks.data?.length}
            data={blocks.data ?? []}
            value={block}
            onChange={(value) => set({ block: value })}
          />
        </SimpleGrid>
        {asked.event && (
          <Group mt="sm">
            <Badge variant="light" size="lg" tt="none" fw={500}>
              Looking at one event alone
            </Badge>
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconX size={14} aria-hidden />}
              onClick={() => set({ event: null })}
            >
              Look at all
            </Button>
          </Group>
        )}
      </Paper>
      {asked.workflow && asked.contact ? (
        <Explained asked={asked} block={block} onEvent={(event) => set({ event })} />
      ) : (
        <EmptyState icon={IconQuestionMark} title="Choose a workflow and a contact">
          You will see what could have started the workflow for them, what the rules said, what
          their journeys did, and what became of each message.
        </EmptyState>
      )}
    </>
  );
}

interface ExplainedProps {
  asked: Question;
  block: string | null;
  onEvent: (id: string) => void;
}

function Explained({ asked, block, onEvent }: ExplainedProps) {
  const explanation = useExplanation(asked);
  const contact = useContactOf(asked.contact).data;
  if (explanation.isError) {
    return <ErrorState error={explanation.error} retry={explanation.refetch} />;
  }
  if (explanation.isPending) {
    return (
      <Stack aria-busy="true" role="status" aria-label="Loading the explanation">
        <Skeleton h={116} radius="md" />
        <Skeleton h={24} w={180} />
        <Skeleton h={220} radius="md" />
      </Stack>
    );
  }
  return (
    <>
      <Story
        explanation={explanation.data}
        block={block}
        contact={asked.contact ?? ''}
        name={contact ? nameOf(contact) : (asked.contact ?? '')}
        zone={contact?.timezone ?? null}
        onEvent={asked.event === null ? onEvent : null}
      />
      <Button
        mt="md"
        variant="subtle"
        leftSection={<IconRefresh size={16} aria-hidden />}
        loading={explanation.isFetching}
        onClick={() => void explanation.refetch()}
      >
        Look again
      </Button>
    </>
  );
}

/** The choices, among them the chosen one although the list may not hold it. */
function withChosen(choices: { value: string; label: string }[], chosen: string | null) {
  return chosen === null || choices.some(({ value }) => value === chosen)
    ? choices
    : [...choices, { value: chosen, label: chosen }];
}
