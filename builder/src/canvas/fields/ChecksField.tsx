import { Input } from '@mantine/core';
import { useMemo, useRef } from 'react';
import { useEventDetail } from '@/api/catalogue';
import { EditingProvider } from '@/predicates/context';
import { ChecksInput } from '@/predicates/inputs/ChecksInput';
import { asOption, ORDER_PROPERTIES } from '@/predicates/types';
import type { ParamCheck } from '../model/types';
import { useStartEvent } from './names';

interface Props {
  /** The event whose properties are compared; null for those of an order. */
  event: string | null;
  value: readonly ParamCheck[] | undefined;
  onChange: (value: ParamCheck[]) => void;
  error?: string | undefined;
}

/** The filter of an event or order: properties that must all fit. */
export function ChecksField({ event, value, onChange, error }: Props) {
  const found = useEventDetail(event ?? '').data;
  const started = useEventDetail(useStartEvent()).data;
  const editing = useMemo(
    () => ({
      apply: () => {},
      readOnly: false,
      journey: { params: (started?.properties ?? []).map((property) => property.name) },
      folded: false,
    }),
    [started],
  );
  const latest = useRef<readonly ParamCheck[]>([]);
  latest.current = value ?? NO_CHECKS;
  const edit = (change: (checks: readonly ParamCheck[]) => readonly ParamCheck[]): void => {
    const next = [...change(latest.current)];
    latest.current = next;
    onChange(next);
  };
  return (
    <Input.Wrapper error={error}>
      <EditingProvider value={editing}>
        <ChecksInput
          value={value}
          edit={edit}
          properties={event === null ? ORDER_PROPERTIES : found?.properties.map(asOption)}
          {...(event && { event })}
          issues={NONE}
          at="where"
        />
      </EditingProvider>
    </Input.Wrapper>
  );
}

const NONE: readonly never[] = [];
const NO_CHECKS: readonly ParamCheck[] = [];

/** A number where it reads as one and writes back the same; else the text. */
export function typed(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text.trim() !== '' && String(number) === text ? number : text;
}
