import { NumberInput, Select } from '@mantine/core';
import { COUNT_OPS, type Count } from '../model/kinds';
import { OP_WORDS } from '../words';

const TIMES: Readonly<Record<(typeof COUNT_OPS)[number], string>> = {
  '>=': 'at least',
  '>': 'more than',
  '=': 'exactly',
  '!=': 'other than',
  '<': 'less than',
  '<=': 'at most',
};

interface Props {
  label: string;
  value: Count;
  onChange: (value: Count) => void;
  error?: boolean | undefined;
}

/** "at least 3". */
export function CountInput({ label, value, onChange, error }: Props) {
  return (
    <>
      <Select
        size="xs"
        aria-label={`${label}: comparison`}
        data={COUNT_OPS.map((op) => ({ value: op, label: TIMES[op] ?? OP_WORDS[op] }))}
        value={value.op ?? '>='}
        allowDeselect={false}
        flex="0 0 104px"
        onChange={(chosen) =>
          onChange({ ...value, op: COUNT_OPS.find((op) => op === chosen) ?? '>=' })
        }
      />
      <NumberInput
        size="xs"
        aria-label={`${label}: how many`}
        value={value.value}
        error={error}
        flex="0 0 80px"
        onChange={(typed) => {
          if (typed !== '' && Number.isFinite(Number(typed))) {
            onChange({ ...value, value: Number(typed) });
          }
        }}
      />
    </>
  );
}

interface TimesProps {
  value: Count | null | undefined;
  /** Null for at least once, which is what is meant when nothing is said. */
  onChange: (value: Count | null) => void;
  error?: boolean | undefined;
}

/** How often: at least once, never, or a count. */
export function TimesInput({ value, onChange, error }: TimesProps) {
  const { op = '>=', value: much } = value ?? { value: 1 };
  const sort = op === '>=' && much === 1 ? 'once' : op === '=' && much === 0 ? 'never' : 'count';
  return (
    <>
      <Select
        size="xs"
        aria-label="How often"
        data={[
          { value: 'once', label: 'at least once' },
          { value: 'never', label: 'never' },
          { value: 'count', label: 'so many times' },
        ]}
        value={sort}
        allowDeselect={false}
        flex="0 0 140px"
        onChange={(chosen) =>
          onChange(
            chosen === 'once'
              ? null
              : chosen === 'never'
                ? { op: '=', value: 0 }
                : { op: '>=', value: 2 },
          )
        }
      />
      {sort === 'count' && value && (
        <CountInput label="Times" value={value} onChange={onChange} error={error} />
      )}
    </>
  );
}
