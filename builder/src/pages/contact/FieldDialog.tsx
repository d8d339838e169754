import {
  Autocomplete,
  Button,
  Group,
  Modal,
  Select,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useFields } from '@/api/catalogue';
import { type ContactDetails, useChangeContact } from '@/api/contacts';
import { asProblem } from '@/api/problem';
import { ErrorState } from '@/shared/ErrorState';
import { asText, type FieldType, readValue, TYPE_NAMES, TYPES, typeOf } from './values';

interface FieldDialogProps {
  contact: ContactDetails;
  /** Empty: a new field. */
  name: string;
  onClose: () => void;
}

/** Sets one custom field, with a value of its type. */
export function FieldDialog({ contact, name: given, onClose }: FieldDialogProps) {
  const before = contact.fields[given];
  const [name, setName] = useState(given);
  const [type, setType] = useState<FieldType>(before === undefined ? 'text' : typeOf(before));
  const [text, setText] = useState(before === undefined ? '' : asText(before));
  const [tried, setTried] = useState(false);
  const change = useChangeContact(contact.userId ?? contact.id);
  const known = useFields().data ?? [];
  const read = readValue(text, type);
  const wrong = tried && 'problem' in read ? read.problem : undefined;
  const issue = change.error ? asProblem(change.error).issues[0] : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    if ('problem' in read || name.trim() === '') return;
    change.mutate({ fields: { [name.trim()]: read.value } }, { onSuccess: onClose });
  };
  const field = {
    label: 'Value',
    value: text,
    error: wrong ?? issue?.message,
    'data-autofocus': given !== '',
  };
  return (
    <Modal opened onClose={onClose} title={given ? `Edit ${given}` : 'Add a field'}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {given === '' && (
            <Autocomplete
              label="Name"
              openOnFocus={false}
              data={known
                .filter((one) => !one.standard && !one.name.includes('.'))
                .map((one) => one.name)}
              value={name}
              onChange={setName}
              maxLength={200}
              error={tried && name.trim() === '' ? 'Name the field' : undefined}
              data-autofocus
            />
          )}
          <Select
            label="Type"
            data={TYPES.map((value) => ({ value, label: TYPE_NAMES[value] }))}
            value={type}
            allowDeselect={false}
            onChange={(value) => setType(value as FieldType)}
          />
          {type === 'boolean' ? (
            <Select
              {...field}
              data={[
                { value: 'true', label: 'Yes' },
                { value: 'false', label: 'No' },
              ]}
              onChange={(value) => setText(value ?? '')}
            />
          ) : type === 'json' ? (
            <Textarea
              {...field}
              autosize
              minRows={3}
              maxRows={12}
              ff="monospace"
              spellCheck={false}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          ) : (
            <TextInput
              {...field}
              placeholder={type === 'date' ? '2026-12-24' : ''}
              inputMode={type === 'number' ? 'decimal' : 'text'}
              onChange={(event) => setText(event.currentTarget.value)}
            />
          )}
          {change.error && !issue && <ErrorState error={change.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
