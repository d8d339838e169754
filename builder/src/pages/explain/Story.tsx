import {
  Anchor,
  Group,
  Paper,
  Stack,
  Table,
  Text,
  ThemeIcon,
  Timeline,
  Title,
} from '@mantine/core';
import { IconCheck, IconClock, IconPoint, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Model } from '@/api/client';
import { When } from '@/shared/When';
import { answerOf, chapters, type Finding, meaningOf, pieces, type Tone } from './story';

const TONES = {
  good: { color: 'teal', icon: IconCheck, word: 'went on' },
  wait: { color: 'yellow', icon: IconClock, word: 'waits' },
  bad: { color: 'red', icon: IconX, word: 'stood in the way' },
  plain: { color: 'gray', icon: IconPoint, word: 'is so' },
} as const;

interface StoryProps {
  explanation: Model<'ExplanationAnswer'>;
  block: string | null;
  contact: string;
  /** What the contact is called. */
  name: string;
  zone: string | null;
  /** Look at one event alone; null while that is done already. */
  onEvent: ((id: string) => void) | null;
}

/** The answer first, then all that it rests on. */
export function Story(props: StoryProps) {
  const { explanation, block, name } = props;
  const answer = answerOf(explanation.answer, explanation.findings, block);
  return (
    <Stack gap="lg">
      <Paper withBorder p="md" component="section" aria-label="Answer">
        <Group wrap="nowrap" align="flex-start" gap="md">
          <Mark tone={answer.tone} large />
          <Stack gap={4} style={{ flex: 1 }}>
            <Text size="sm" c="dimmed">
              {name} and{' '}
              {block === null ? explanation.workflow : `${explanation.workflow}, ${block}`}
            </Text>
            <Title order={2} size="h3">
              {answer.title}
            </Title>
            <Evidence finding={answer.finding} {...props} />
          </Stack>
        </Group>
      </Paper>
      {chapters(explanation.findings).map((chapter) => (
        <section key={chapter.title} aria-label={chapter.title}>
          <Title order={3} size="h5" mb="sm">
            {chapter.title}
          </Title>
          <Timeline bulletSize={24} lineWidth={2} active={-1}>
            {chapter.findings.map((finding) => {
              const { title, tone } = meaningOf(finding.code);
              return (
                <Timeline.Item
                  key={keyOf(finding)}
                  bullet={<Mark tone={tone} />}
                  title={
                    <Text
                      fw={finding === answer.finding ? 700 : 500}
                      size="sm"
                      component="h4"
                      m={0}
                    >
                      {title}
                    </Text>
                  }
                >
                  <Evidence finding={finding} {...props} />
                </Timeline.Item>
              );
            })}
          </Timeline>
        </section>
      ))}
    </Stack>
  );
}

const keyOf = (finding: Finding): string =>
  [
    finding.code,
    finding.event_id,
    finding.journey_id,
    finding.message_id,
    finding.launch_id,
    finding.segment,
    finding.at,
  ].join(' ');

function Mark({ tone, large = false }: { tone: Tone; large?: boolean }) {
  const { color, icon: Picture, word } = TONES[tone];
  return (
    <ThemeIcon
      color={color}
      variant="light"
      size={large ? 44 : 24}
      radius="xl"
      role="img"
      aria-label={word}
    >
      <Picture size={large ? 26 : 14} aria-hidden />
    </ThemeIcon>
  );
}

/** A finding in words, what failed of a filter, and where to look further. */
function Evidence({ finding, ...props }: StoryProps & { finding: Finding }) {
  return (
    <Stack gap={6} align="flex-start">
      <Text size="sm" component="div">
        {finding.text !== `${meaningOf(finding.code).title}.` && (
          <Told text={finding.text} zone={props.zone} />
        )}{' '}
        {/* Decisions do not say in words when they were made. */}
        {/^(started|skipped_)/.test(finding.code) && (
          <>
            Decided <When at={finding.at} zone={props.zone} seconds />.
          </>
        )}
      </Text>
      {finding.checks.length > 0 && <Checks checks={finding.checks} />}
      <Links finding={finding} {...props} />
    </Stack>
  );
}

function Told({ text, zone }: { text: string; zone: string | null }): ReactNode {
  return pieces(text).map((piece, index) =>
    piece.at === null ? (
      piece.text
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text that does not change
      <When key={index} at={piece.at} zone={zone} seconds />
    ),
  );
}

function Checks({ checks }: { checks: Finding['checks'] }) {
  return (
    <Table withTableBorder w="auto" verticalSpacing={4} fz="sm" aria-label="What did not hold">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Property</Table.Th>
          <Table.Th>Must be</Table.Th>
          <Table.Th>Is</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {checks.map((check) => (
          <Table.Tr key={`${check.param} ${check.op} ${values(check.wanted)}`}>
            <Table.Td>{check.param}</Table.Td>
            <Table.Td>
              {check.op} {values(check.wanted)}
            </Table.Td>
            <Table.Td>{values(check.seen)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const values = (found: readonly unknown[]): string =>
  found.length === 0
    ? 'missing'
    : found
        .flat()
        .map((one) => JSON.stringify(one))
        .join(' or ');

function Links({ finding, explanation, contact, onEvent }: StoryProps & { finding: Finding }) {
  const { event_id: event, journey_id: journey, launch_id: launch, segment, block } = finding;
  const workflow = `/workflows/${encodeURIComponent(explanation.workflow)}`;
  return (
    <Group gap="md">
      {journey && <To to={`/journeys/${journey}`}>The journey</To>}
      {block && <To to={`${workflow}?block=${encodeURIComponent(block)}`}>The block {block}</To>}
      {finding.code === 'active' && <To to={workflow}>The workflow</To>}
      {event && (
        <To to={`/contacts/${encodeURIComponent(contact)}`}>The contact&rsquo;s timeline</To>
      )}
      {event && onEvent && (
        <Anchor component="button" type="button" size="sm" onClick={() => onEvent(event)}>
          This event alone
        </Anchor>
      )}
      {launch && <To to="/launches">The launches</To>}
      {segment && <To to={`/segments/${encodeURIComponent(segment)}`}>The segment {segment}</To>}
    </Group>
  );
}

function To({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} size="sm">
      {children}
    </Anchor>
  );
}
