import { ActionIcon, Autocomplete, Button, Group, Input, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useEventDetail } from '@/api/catalogue';
import { useSegments } from './data';

interface Props {
  segment: string;
  event: string;
  value: Readonly<Record<string, string>> | undefined;
  onChange: (value: Record<string, string>) => void;
  error?: string | undefined;
}

/** Which property of the event each parameter of the segment takes its value from. */
export function BindField({ segment, event, value = {}, onChange, error }: Props) {
  const [added, setAdded] = useState(false);
  const wanted = useSegments().data?.find((one) => one.key === segment)?.params ?? [];
  const properties = useEventDetail(event).data?.properties.map((property) => property.name) ?? [];
  // What the segment asks for is offered at once; the server says so, too, while it has no value.
  const names = [...new Set([...wanted, ...Object.keys(value)]), ...(added ? [''] : [])];
  const rename = (before: string, name: string): void => {
    setAdded(false);
    onChange(
      before === ''
        ? { ...value, [name]: '' }
        : Object.fromEntries(
            Object.entries(value).map(([one, property]) => [one === before ? name : one, property]),
          ),
    );
  };
  return (
    <Input.Wrapper
      label="Parameters of the segment"
      description={
        names.length === 0
          ? 'This segment asks for none: the event starts a journey for all of it.'
          : 'Each takes its value from a property of the event.'
      }
      error={error}
    >
      <Stack gap={6} mt={6}>
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the name is what is edited
          <Group key={index} gap={6} wrap="nowrap">
            <Autocomplete
              size="xs"
              flex={1}
              aria-label="Parameter"
              placeholder="parameter"
              readOnly={wanted.includes(name)}
              value={name}
              onChange={(next) => rename(name, next)}
            />
            <Text size="sm">=</Text>
            <Autocomplete
              size="xs"
              flex={1}
              aria-label={`Property for ${name || 'this parameter'}`}
              placeholder="property"
              disabled={name === ''}
              data={properties}
              value={value[name] ?? ''}
              onChange={(property) => onChange({ ...value, [name]: property })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${name || 'this parameter'}`}
              disabled={wanted.includes(name)}
              onClick={() => {
                setAdded(false);
                onChange(Object.fromEntries(Object.entries(value).filter(([one]) => one !== name)));
              }}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Button
          variant="subtle"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          disabled={added}
          onClick={() => setAdded(true)}
        >
          Another parameter
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}
