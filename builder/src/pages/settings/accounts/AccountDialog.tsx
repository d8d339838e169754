import {
  Alert,
  Button,
  Group,
  Modal,
  NumberInput,
  PasswordInput,
  Select,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { ErrorState } from '@/shared/ErrorState';
import { type Account, type AccountKind, useSaveAccount } from '../queries';
import { type Field, fieldsOf, isKept, settingsOf, type Values, valuesOf } from './fields';
import { kindWords } from './words';

interface Props {
  kinds: readonly AccountKind[];
  /** Null adds one. */
  account: Account | null;
  onClose: () => void;
}

/** Adds an account with a provider, or changes one. */
export function AccountDialog({ kinds, account, onClose }: Props) {
  const title = account ? `Account with ${kindWords(account.kind)}` : 'Add an account';
  return (
    <Modal opened onClose={onClose} title={title} size="lg" closeOnClickOutside={false}>
      <Choice kinds={kinds} account={account} onClose={onClose} />
    </Modal>
  );
}

function Choice({ kinds, account, onClose }: Props) {
  const [chosen, setChosen] = useState<string | null>(account?.kind ?? null);
  const kind = kinds.find((one) => one.kind === chosen);
  return (
    <Stack>
      {account === null && (
        <Select
          label="Provider"
          data={kinds.map((one) => ({ value: one.kind, label: kindWords(one.kind) }))}
          value={chosen}
          onChange={setChosen}
          required
          data-autofocus
        />
      )}
      {kind && <Form key={kind.kind} kind={kind} account={account} onClose={onClose} />}
    </Stack>
  );
}

interface FormProps {
  kind: AccountKind;
  account: Account | null;
  onClose: () => void;
}

function Form({ kind, account, onClose }: FormProps) {
  const fields = fieldsOf(kind);
  const [values, setValues] = useState<Values>(() => valuesOf(fields, account));
  const [rate, setRate] = useState<number | string>(account?.rate_per_second ?? '');
  const [enabled, setEnabled] = useState(account?.enabled ?? true);
  const save = useSaveAccount();
  const problem = save.isError ? asProblem(save.error) : null;
  const wrong = (name: string): string | undefined =>
    problem?.issues.find(({ path }) => path.split(/[.[]/).includes(name))?.message;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const settings = settingsOf(fields, values, account);
    const rate_per_second = typeof rate === 'number' ? rate : null;
    save.mutate(
      { kind: kind.kind, account: account?.id ?? null, settings, rate_per_second, enabled },
      {
        onSuccess: () => {
          notifications.show({ message: 'The account is saved. Send a test to see it work.' });
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} autoComplete="off">
      <Stack>
        {account?.readable === false && (
          <Alert color="red" title="Its secrets cannot be read">
            The key that they were encrypted with is not there any more. Give them again.
          </Alert>
        )}
        {fields.map((field) => (
          <AccountField
            key={field.name}
            field={field}
            kept={isKept(field, account)}
            value={values[field.name] ?? ''}
            error={wrong(field.name)}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        <NumberInput
          label="At most a second"
          description="Messages; none: as fast as the provider takes them."
          placeholder="No limit"
          min={0.001}
          max={100_000}
          value={rate}
          error={wrong('rate_per_second')}
          onChange={setRate}
        />
        <Switch
          label="Delivers"
          description="Switching it on switches off the other account of its channel."
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        {problem && <ErrorState error={problem} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldProps {
  field: Field;
  /** The server has a value that it does not tell. */
  kept: boolean;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}

function AccountField({ field, kept, value, error, onChange }: FieldProps) {
  const common = {
    label: field.label,
    required: field.required && !kept,
    error,
    placeholder: kept ? 'Set; left empty, it stays' : '',
    autoComplete: field.secret ? 'new-password' : 'off',
  };
  if (field.input === 'choice') {
    return (
      <Select
        {...common}
        data={[...field.choices]}
        value={value || null}
        allowDeselect={!field.required && field.initial === ''}
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    );
  }
  if (field.input === 'number') {
    return (
      <NumberInput
        {...common}
        value={value === '' ? '' : Number(value)}
        allowDecimal={false}
        thousandSeparator=""
        onChange={(typed) => onChange(String(typed))}
      />
    );
  }
  if (field.input === 'long' || field.input === 'list') {
    return (
      <Textarea
        {...common}
        autosize
        minRows={3}
        maxRows={10}
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const Input = field.secret ? PasswordInput : TextInput;
  return (
    <Input {...common} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
  );
}
