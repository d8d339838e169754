import { Button, JsonInput, Select, Text } from '@mantine/core';
import { useEventDetail } from '@/api/catalogue';
import type { Definition } from '@/canvas/model/types';
import { ContactSelect } from '@/pages/journeys/ContactSelect';
import type { Version } from './queries';

export interface Tried {
  readonly contact: string | null;
  /** Null for the draft. */
  readonly version: number | null;
  /** The starting event's properties as they were typed. */
  readonly properties: string;
}

export const NOTHING_TRIED: Tried = { contact: null, version: null, properties: '' };

interface Props {
  value: Tried;
  versions: readonly Version[] | undefined;
  definition: Definition;
  onChange: (changes: Partial<Tried>) => void;
}

/** Whom a workflow is tried on, which version, and with what event. */
export function TryFields({ value, versions, definition, onChange }: Props) {
  const { start } = definition;
  const example = useExample('event' in start ? start.event : '');
  return (
    <>
      <ContactSelect
        label="Contact"
        placeholder="Search by id, email or name"
        required
        value={value.contact}
        onChange={(contact) => contact !== value.contact && onChange({ contact })}
      />
      <Select
        label="What runs"
        data={[
          { value: '', label: 'The draft' },
          ...(versions ?? []).map(({ version }) => ({
            value: String(version),
            label: `Version ${version}`,
          })),
        ]}
        value={value.version === null ? '' : String(value.version)}
        allowDeselect={false}
        onChange={(version) => onChange({ version: version ? Number(version) : null })}
      />
      {'event' in start && (
        <JsonInput
          label={`Properties of “${start.event}”`}
          description="Left empty, those of the contact’s newest such event."
          placeholder={example}
          inputContainer={(input) => (
            <>
              {input}
              {value.properties === '' && example !== '{}' && (
                <Button
                  variant="subtle"
                  size="compact-xs"
                  mt={4}
                  onClick={() => onChange({ properties: example })}
                >
                  Fill in those seen last
                </Button>
              )}
            </>
          )}
          autosize
          minRows={2}
          maxRows={10}
          validationError="This is not JSON yet."
          styles={{ input: { fontFamily: 'monospace' } }}
          value={value.properties}
          onChange={(properties) => onChange({ properties })}
        />
      )}
      {start.kind === 'segment' && (
        <Text size="xs" c="dimmed">
          It starts with the segment {start.segment}.
        </Text>
      )}
    </>
  );
}

/** Properties of the event with the values that were seen of late, as JSON. */
function useExample(event: string): string {
  const { data } = useEventDetail(event);
  return exampleOf(data?.properties ?? []);
}

/** One value for each property; what is within another one (`items.sku`) is left out. */
export function exampleOf(
  properties: readonly { name: string; examples: readonly unknown[] }[],
): string {
  const seen = properties
    .filter(({ name, examples }) => examples.length > 0 && !name.includes('.'))
    .map(({ name, examples }) => [name, examples[0]] as const);
  return JSON.stringify(Object.fromEntries(seen), null, 2);
}

/** The event as the API takes it; null while what was typed is no object, undefined for none. */
export function eventOf(text: string): { properties: Record<string, unknown> } | null | undefined {
  if (!text.trim()) return undefined;
  try {
    const properties: unknown = JSON.parse(text);
    if (typeof properties !== 'object' || properties === null || Array.isArray(properties)) {
      return null;
    }
    return { properties: properties as Record<string, unknown> };
  } catch {
    return null;
  }
}
