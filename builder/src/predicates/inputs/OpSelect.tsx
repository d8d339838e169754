import { Select } from '@mantine/core';
import type { Op } from '../model/kinds';
import { type FieldType, opsFor } from '../model/values';
import { OP_WORDS } from '../words';

interface Props {
  value: Op | undefined;
  type: FieldType | undefined;
  onChange: (op: Op) => void;
  error?: boolean | undefined;
}

const option = (op: Op) => ({ value: op, label: OP_WORDS[op] });

/** How to compare: first what fits the type, then all else. */
export function OpSelect({ value = '=', type, onChange, error }: Props) {
  const { usual, others } = opsFor(type);
  const data =
    others.length === 0
      ? usual.map(option)
      : [
          { group: `For this ${type}`, items: usual.map(option) },
          { group: 'Others', items: others.map(option) },
        ];
  return (
    <Select
      size="xs"
      aria-label="Comparison"
      data={data}
      value={value}
      error={error}
      allowDeselect={false}
      flex="0 1 132px"
      miw={112}
      comboboxProps={{ width: 180, position: 'bottom-start' }}
      maxDropdownHeight={320}
      onChange={(chosen) => onChange((chosen ?? '=') as Op)}
    />
  );
}
