/** Other texts of a message, of which a part of the contacts gets one in its place. */
import { ActionIcon, Button, Group, NumberInput, Paper, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { TemplateField } from '../fields/TemplateField';
import { share } from '../model/outputs';
import type { BlockOf } from '../model/types';
import { without } from './types';

type Message = BlockOf<'message'>;
type Variant = NonNullable<Message['variants']>[number];

const MOST = 20;

interface Props {
  block: Message;
  onChange: (block: Message, field: string) => void;
  error: (field: string) => string | undefined;
}

export function VariantsField({ block, onChange, error }: Props) {
  const variants = block.variants ?? [];
  const weights = weightsOf(block);
  const save = (next: Variant[], field: string): void =>
    onChange(
      next.length > 0 ? { ...block, variants: next } : without(block, 'variants', 'weight'),
      field,
    );
  const set = (index: number, variant: Variant): void =>
    save(
      variants.map((one, at) => (at === index ? variant : one)),
      `variants ${index}`,
    );
  return (
    <Stack gap="sm">
      {variants.length > 0 && (
        <>
          <Text size="sm" c="dimmed">
            Each contact always gets the same one. The numbers of each are on the page Live.
          </Text>
          <WeightField
            label="Weight of the template above"
            value={block.weight ?? 1}
            weights={weights}
            error={error('weight')}
            onChange={(weight) => onChange({ ...block, weight }, 'weight')}
          />
        </>
      )}
      {variants.map((variant, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: variants have no name but their place
        <Paper key={index} withBorder p="sm">
          <Stack gap="xs">
            <TemplateField
              label={`Variant ${index + 1}`}
              channel={block.channel}
              value={variant.template}
              error={error(`variants[${index}].template`)}
              onChange={(template) => set(index, { ...variant, template })}
            />
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <div style={{ flex: 1 }}>
                <WeightField
                  label={`Weight of variant ${index + 1}`}
                  value={variant.weight ?? 1}
                  weights={weights}
                  error={error(`variants[${index}].weight`)}
                  onChange={(weight) => set(index, { ...variant, weight })}
                />
              </div>
              <ActionIcon
                variant="subtle"
                color="gray"
                mb={4}
                aria-label={`Remove variant ${index + 1}`}
                onClick={() =>
                  save(
                    variants.filter((_, at) => at !== index),
                    'variants',
                  )
                }
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          </Stack>
        </Paper>
      ))}
      {variants.length < MOST && (
        <Button
          variant="light"
          size="xs"
          onClick={() => save([...variants, { template: '' }], 'variants')}
        >
          Add a variant
        </Button>
      )}
    </Stack>
  );
}

/** All weights as the shares are counted by, that of the block's own template first. */
export const weightsOf = ({ weight, variants }: Message): { weight: number }[] => [
  { weight: weight ?? 1 },
  ...(variants ?? []).map((one) => ({ weight: one.weight ?? 1 })),
];

function WeightField({
  label,
  value,
  weights,
  error,
  onChange,
}: {
  label: string;
  value: number;
  weights: readonly { weight: number }[];
  error: string | undefined;
  onChange: (weight: number) => void;
}) {
  return (
    <NumberInput
      label={label}
      description={share(value, weights)}
      value={value}
      min={0.1}
      error={error}
      onChange={(typed) => onChange(Number(typed) || 0)}
    />
  );
}
