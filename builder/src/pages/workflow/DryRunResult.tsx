import { Alert, Button, Select, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { blockById } from '@/canvas/model/graph';
import type { Block, Definition } from '@/canvas/model/types';
import path from '@/pages/journeys/Path.module.css';
import { Steps } from '@/pages/journeys/Steps';
import { endWords, refusalWords } from '@/pages/journeys/words';
import { channelWords } from '@/predicates/words';
import { When } from '@/shared/When';
import type { Simulation } from './DryRun';

type Assumed = Readonly<Record<string, string>>;

interface Props {
  found: Simulation;
  definition: Definition;
  assume: Assumed;
  onAssume: (assume: Assumed) => void;
  onAnyway: () => void;
}

/** The way that a contact would go, with its dates and messages, and what is taken for granted. */
export function DryRunResult({ found, definition, assume, onAssume, onAnyway }: Props) {
  const { start, steps, end, timezone } = found;
  const blocks = blockById(definition);
  const messages = steps.filter((step) => step.message !== null).length;
  return (
    <Stack gap="sm" data-testid="dry-run">
      {start.outcome === 'started' ? (
        <Text size="sm">
          <IconCheck size={14} aria-hidden /> The contact would be let in.
        </Text>
      ) : (
        <Alert
          color="orange"
          icon={<IconAlertTriangle aria-hidden />}
          title="The contact would not be let in"
        >
          <Text size="sm">
            {capital(refusalWords({ kind: start.outcome, detail: start.reason }))}.
          </Text>
          {end === null && (
            <Button size="xs" mt="xs" variant="default" onClick={onAnyway}>
              Go on all the same
            </Button>
          )}
        </Alert>
      )}
      {steps.length > 0 && (
        <>
          <Text size="xs" c="dimmed">
            {steps.length} {steps.length === 1 ? 'step' : 'steps'}, {messages}{' '}
            {messages === 1 ? 'message' : 'messages'}; times are in {timezone}.
          </Text>
          <Steps
            steps={steps}
            blocks={blocks}
            zone={timezone}
            more={(step) => (
              <>
                <Made message={step.message} />
                {step.note !== null && (
                  <Text size="xs" c="dimmed">
                    {step.note}
                  </Text>
                )}
                <Assume
                  block={blocks.get(step.block)}
                  value={assume[step.block] ?? ''}
                  onChange={(value) => onAssume(assumed(assume, step.block, value))}
                />
              </>
            )}
          />
        </>
      )}
      {end !== null && (
        <Text size="sm">
          <b>
            <When at={end.at} zone={timezone} />
          </b>
          :{' '}
          {end.state === 'unfinished'
            ? 'still under way; this is where the dry run gives up'
            : endWords(end)}
          .
        </Text>
      )}
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {found.assumptions.map((text) => (
          <Text key={text} component="li" size="xs" c="dimmed">
            {text}
          </Text>
        ))}
      </ul>
    </Stack>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function assumed(before: Assumed, block: string, value: string): Assumed {
  const { [block]: _, ...others } = before;
  return value ? { ...others, [block]: value } : others;
}

function Made({ message }: { message: Simulation['steps'][number]['message'] }) {
  if (message === null) return null;
  return (
    <div className={path.message} data-state={message.state}>
      <Text size="sm" fw={500}>
        {message.subject ?? message.template}
      </Text>
      <Text size="xs" c="dimmed">
        {channelWords(message.channel)} {message.template}
        {message.to !== null && `, to ${message.to}`}
      </Text>
      <Text size="xs">
        {message.state}
        {message.reason !== null && `: ${message.reason}`}
      </Text>
    </div>
  );
}

const TWO_WAYS = (then: string, otherwise: string) => [
  { value: 'then', label: then },
  { value: 'else', label: otherwise },
];
const REACHED = ['delivered', 'opened', 'clicked', 'failed'].map((state) => ({
  value: state,
  label: `as if ${state}`,
}));

const CHOICES: Partial<Record<Block['kind'], { value: string; label: string }[]>> = {
  condition: TWO_WAYS('as if yes', 'as if no'),
  wait_for: TWO_WAYS('as if it happened', 'as if time ran out'),
  promo: TWO_WAYS('as if there is a code', 'as if none is left'),
  message: REACHED,
};

interface AssumeProps {
  block: Block | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** What is to be taken for granted at a block where things may go one way or another. */
function Assume({ block, value, onChange }: AssumeProps) {
  const choices = block && CHOICES[block.kind];
  if (!block || !choices) return null;
  return (
    <Select
      aria-label={`What happens at ${block.id}`}
      size="xs"
      mt={6}
      data={[{ value: '', label: 'as the contact is now' }, ...choices]}
      value={value}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? '')}
    />
  );
}
