import { ActionIcon, Button, Text, Tooltip } from '@mantine/core';
import { IconFilterPlus, IconX } from '@tabler/icons-react';
import type { ParamCheck } from '@/canvas/model/types';
import { messageAt, type RowIssue } from '../model/places';
import { afterChoice, type FieldType, withOp } from '../model/values';
import classes from '../Predicates.module.css';
import { NameInput } from './NameInput';
import { OpSelect } from './OpSelect';
import { ValueInput } from './ValueInput';

export interface PropertyOption {
  readonly name: string;
  readonly about?: string;
  readonly type?: FieldType | undefined;
}

interface Props {
  value: readonly ParamCheck[] | undefined;
  /** Change the list as it is by then: choosing an option tells two things at once. */
  edit: (change: (checks: readonly ParamCheck[]) => readonly ParamCheck[]) => void;
  /** Undefined while they load. */
  properties: readonly PropertyOption[] | undefined;
  /** The event whose values are proposed. */
  event?: string;
  issues: readonly RowIssue[];
  /** The path of the list in its row. */
  at: string;
}

/** The filter of an event or order: properties that must all fit. */
export function ChecksInput({ value, edit, properties, event, issues, at }: Props) {
  const checks = value ?? [];
  const set = (index: number, change: (check: ParamCheck) => ParamCheck): void =>
    edit((now) => now.map((one, place) => (place === index ? change(one) : one)));
  const typeOf = (name: string): FieldType | undefined =>
    properties?.find((one) => one.name === name)?.type;
  return (
    <div className={classes.checks}>
      {checks.map((check, index) => {
        const type = typeOf(check.param);
        const wrong = (part: string) => messageAt(issues, `${at}[${index}].${part}`) !== undefined;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: filters have no name but their place
          <div key={index} className={classes.check}>
            <Text span size="xs" c="dimmed" className={classes.joint}>
              {index === 0 ? 'where' : 'and'}
            </Text>
            <NameInput
              label="Property"
              placeholder="property"
              value={check.param}
              options={properties}
              unknown="Not in the data of late. It may still come."
              error={wrong('param')}
              width={140}
              onChange={(param) => set(index, (now) => ({ ...now, param }))}
              onChosen={(param) =>
                set(index, (now) => ({ ...afterChoice(now, type, typeOf(param)), param }))
              }
            />
            <OpSelect
              value={check.op}
              type={type}
              error={wrong('op')}
              onChange={(op) => set(index, (now) => withOp(now, op, type))}
            />
            <ValueInput
              op={check.op}
              value={check.value}
              type={type}
              of={event ? { event, param: check.param } : null}
              error={wrong('value')}
              onChange={(next) => set(index, (now) => ({ ...now, value: next }))}
            />
            <Tooltip label="Remove this filter">
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label="Remove this filter"
                onClick={() => edit((now) => now.filter((_, place) => place !== index))}
              >
                <IconX size={15} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </div>
        );
      })}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconFilterPlus size={14} aria-hidden />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => edit((now) => [...now, { param: '', op: '=', value: '' }])}
      >
        {checks.length === 0 ? 'Only where a property…' : 'And where…'}
      </Button>
    </div>
  );
}
