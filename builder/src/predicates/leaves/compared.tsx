/** Comparisons: a field of the contact, a property of the starting event or a parameter. */
import { useFields } from '@/api/catalogue';
import { useEditing } from '../context';
import { NameInput } from '../inputs/NameInput';
import { OpSelect } from '../inputs/OpSelect';
import { ValueInput } from '../inputs/ValueInput';
import type { FieldLeaf, ParamLeaf } from '../model/kinds';
import { afterChoice, type FieldType, withOp } from '../model/values';
import { asOption } from '../types';
import type { BodyProps } from './LeafBody';

export function FieldBody({ part, edit, wrong }: BodyProps<FieldLeaf>) {
  const { data } = useFields();
  const options = data?.map(asOption);
  const typeOf = (name: string): FieldType | undefined =>
    options?.find((one) => one.name === name)?.type;
  const type = typeOf(part.field);
  return (
    <>
      <NameInput
        label="Field"
        placeholder="field"
        value={part.field}
        options={options}
        unknown="No contact that was looked at has this field. It may still come."
        error={wrong('field')}
        onChange={(field) => edit((now) => ({ ...now, field }))}
        onChosen={(field) => edit((now) => ({ ...afterChoice(now, type, typeOf(field)), field }))}
      />
      <OpSelect
        value={part.op}
        type={type}
        error={wrong('op')}
        onChange={(op) => edit((now) => withOp(now, op, type))}
      />
      <ValueInput
        op={part.op}
        value={part.value}
        type={type}
        of={{ field: part.field }}
        error={wrong('value')}
        onChange={(value) => edit((now) => ({ ...now, value }))}
      />
    </>
  );
}

export function ParamBody({ part, edit, wrong }: BodyProps<ParamLeaf>) {
  const { journey } = useEditing();
  const options = journey?.params?.map((name) => ({ name }));
  return (
    <>
      <NameInput
        label={journey ? 'Property of the starting event' : 'Parameter'}
        placeholder={journey ? 'property' : 'parameter'}
        value={part.param}
        options={options}
        unknown="Not among the known properties of the starting event."
        error={wrong('param')}
        onChange={(param) => edit((now) => ({ ...now, param }))}
      />
      <OpSelect
        value={part.op}
        type={undefined}
        error={wrong('op')}
        onChange={(op) => edit((now) => withOp(now, op))}
      />
      <ValueInput
        op={part.op}
        value={part.value}
        error={wrong('value')}
        onChange={(value) => edit((now) => ({ ...now, value }))}
      />
    </>
  );
}
