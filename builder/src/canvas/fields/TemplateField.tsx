import { Anchor, Group, Paper, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { channelWords } from '@/predicates/words';
import type { Channel } from '../model/types';
import { type FieldProps, withValue } from './choices';
import { useTemplates } from './data';
import { NewTemplateForm } from './NewTemplateForm';

interface Props extends FieldProps {
  channel: Channel;
}

/** The template of a message, what it says, and ways to write it or a new one. */
export function TemplateField({ channel, value, onChange, ...props }: Props) {
  const { data, isPending } = useTemplates();
  const [making, setMaking] = useState(false);
  const keys = (data ?? []).filter((one) => one.channel === channel).map((one) => one.key);
  const chosen = data?.find((one) => one.key === value && one.channel === channel);
  return (
    <div>
      <Select
        {...props}
        data={withValue(keys, value)}
        value={value || null}
        onChange={(key) => onChange(key ?? '')}
        searchable
        placeholder={isPending ? 'Loading…' : 'Choose a template'}
        nothingFoundMessage={`No ${channelWords(channel)} template of this name`}
      />
      {chosen && (
        <Paper withBorder p="xs" mt={6} data-testid="template-preview">
          <Text size="sm" fw={500} lineClamp={2}>
            {headline(chosen)}
          </Text>
          {chosen.body && chosen.body !== headline(chosen) && (
            <Text size="xs" c="dimmed" lineClamp={3}>
              {chosen.body}
            </Text>
          )}
          <Anchor component={Link} to={`/templates/${encodeURIComponent(value)}`} size="xs">
            Edit “{value}”
          </Anchor>
        </Paper>
      )}
      {making ? (
        <NewTemplateForm
          channel={channel}
          onMade={(key) => {
            setMaking(false);
            onChange(key);
          }}
          onClose={() => setMaking(false)}
        />
      ) : (
        <Group mt={4}>
          <Anchor component="button" type="button" size="xs" onClick={() => setMaking(true)}>
            New template
          </Anchor>
        </Group>
      )}
    </div>
  );
}

type Chosen = NonNullable<ReturnType<typeof useTemplates>['data']>[number];

const headline = ({ subject, title, body, text, link }: Chosen): string =>
  subject ?? title ?? body ?? text ?? link ?? 'Nothing is written yet';
