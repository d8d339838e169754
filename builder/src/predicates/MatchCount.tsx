import {
  Anchor,
  Group,
  List,
  Popover,
  Stack,
  Text,
  TextInput,
  UnstyledButton,
} from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { Link } from 'react-router';
import { typed } from './model/values';
import classes from './Predicates.module.css';
import type { PreviewState } from './usePreview';

interface Props {
  preview: PreviewState;
  /** Why there is no count; null if there is one. */
  reason: string | null;
  params: readonly string[];
  values: Readonly<Record<string, unknown>>;
  onValues: (values: Record<string, unknown>) => void;
}

/** How many contacts fit, ten of them, and values to try parameters with. */
export function MatchCount({ preview, reason, params, values, onValues }: Props) {
  return (
    <Group gap="sm" className={classes.count} align="center">
      <IconUsers size={16} aria-hidden />
      <Text size="sm" component="div" aria-live="polite" data-testid="match-count">
        {reason ?? <Count preview={preview} />}
      </Text>
      {reason === null &&
        params.map((name) => (
          <TextInput
            key={name}
            size="xs"
            aria-label={`Try with ${name}`}
            placeholder={`try with ${name} = …`}
            w={180}
            value={values[name] === undefined ? '' : String(values[name])}
            onChange={(event) => {
              const text = event.currentTarget.value;
              const { [name]: _, ...others } = values;
              onValues(text === '' ? others : { ...others, [name]: typed(text) });
            }}
          />
        ))}
    </Group>
  );
}

function Count({ preview: { data, problem, stale } }: { preview: PreviewState }) {
  if (problem) {
    return (
      <Text span inherit className={classes.wrong}>
        {problem.detail}
      </Text>
    );
  }
  if (!data) return <>Counting…</>;
  const count = data.count.toLocaleString('en');
  const said = `${count} ${data.count === 1 ? 'contact fits' : 'contacts fit'} now`;
  if (data.count === 0) return <span style={{ opacity: stale ? 0.5 : 1 }}>{said}</span>;
  return (
    <Popover position="bottom-start" shadow="md" width={320} withinPortal trapFocus>
      <Popover.Target>
        <UnstyledButton
          fz="sm"
          style={{ opacity: stale ? 0.5 : 1 }}
          aria-label={`${said}: show some`}
        >
          <Text span inherit fw={600} td="underline" style={{ textDecorationStyle: 'dotted' }}>
            {said}
          </Text>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <Text size="xs" c="dimmed">
            The newest of them
          </Text>
          <List size="sm" listStyleType="none" spacing={2}>
            {data.contacts.map((contact) => (
              <List.Item key={contact.id}>
                <Anchor component={Link} to={`/contacts/${contact.id}`} size="sm">
                  {contact.userId ?? contact.email ?? contact.id}
                </Anchor>
                {contact.userId && contact.email && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {contact.email}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
