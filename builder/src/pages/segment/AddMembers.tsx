import { Alert, Button, Group, Text, Textarea } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { changeMembers, useSegmentChange } from '@/api/segments';
import { ErrorState } from '@/shared/ErrorState';

const MOST = 1_000;

/** Puts contacts on a list: user ids, one or many, as they are pasted. */
export function AddMembers({ segment }: { segment: string }) {
  const [text, setText] = useState('');
  const ids = [...new Set(text.split(/[\n,;\t]+/).map((one) => one.trim()))].filter(Boolean);
  const add = useSegmentChange((wanted: string[]) =>
    changeMembers(segment, { add: wanted, remove: [] }),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(ids, { onSuccess: ({ unknown }) => setText(unknown.join('\n')) });
  };
  const done = add.data;
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" mb="md" maw={700}>
        <Textarea
          label="Add contacts"
          description="User ids, one a line or with commas between them; at most 1,000 at once"
          value={text}
          autosize
          minRows={1}
          maxRows={8}
          flex="1 1 260px"
          error={ids.length > MOST && `These are ${ids.length.toLocaleString('en')}`}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          type="submit"
          loading={add.isPending}
          disabled={ids.length === 0 || ids.length > MOST}
        >
          Add{ids.length > 1 ? ` ${ids.length.toLocaleString('en')}` : ''}
        </Button>
      </Group>
      {add.error && <ErrorState error={add.error} />}
      {done && (
        <Alert color={done.unknown.length > 0 ? 'yellow' : 'teal'} mb="md" maw={700}>
          <Text size="sm">
            {done.added.toLocaleString('en')} added.
            {done.unknown.length > 0 &&
              ` No contact has ${done.unknown.length === 1 ? 'this id' : 'these ids'}: ${done.unknown.slice(0, 20).join(', ')}${done.unknown.length > 20 ? '…' : ''}`}
          </Text>
        </Alert>
      )}
    </form>
  );
}
