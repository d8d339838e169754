import {
  Button,
  Group,
  Modal,
  MultiSelect,
  Stack,
  Switch,
  Textarea,
  TextInput,
} from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { asProblem } from '@/api/problem';
import { CHANNELS } from '@/predicates/model/kinds';
import { channelWords } from '@/predicates/words';
import { ErrorState } from '@/shared/ErrorState';
import { type Topic, type TopicSave, useSaveTopic } from '../queries';
import { keyOf } from './keys';

const NEW: TopicSave = {
  name: '',
  description: '',
  channels: [],
  subscribed: true,
  transactional: false,
};

/** Makes a topic, or changes one. */
export function TopicDialog({ topic, onClose }: { topic: Topic | null; onClose: () => void }) {
  const [values, setValues] = useState<TopicSave>(() => topicOf(topic));
  const [key, setKey] = useState(topic?.key ?? '');
  const [keyTyped, setKeyTyped] = useState(topic !== null);
  const save = useSaveTopic();
  const problem = save.isError ? asProblem(save.error) : null;
  const wrong = (name: string): string | undefined =>
    problem?.issues.find(({ path }) => path === `$.${name}`)?.message;
  const set = (changes: Partial<TopicSave>): void => setValues({ ...values, ...changes });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ ...values, key, made: topic === null }, { onSuccess: onClose });
  };
  return (
    <Modal opened onClose={onClose} title={topic ? `Topic ${topic.name}` : 'New topic'}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            description="As contacts read it on their preferences page."
            required
            maxLength={200}
            data-autofocus
            value={values.name}
            error={wrong('name')}
            onChange={({ currentTarget: { value: name } }) => {
              set({ name });
              if (!keyTyped) setKey(keyOf(name));
            }}
          />
          <TextInput
            label="Key"
            description="By which blocks name it; it stays."
            required
            readOnly={topic !== null}
            pattern="[A-Za-z0-9_\-]{1,100}"
            value={key}
            error={wrong('key')}
            onChange={(event) => {
              setKey(event.currentTarget.value);
              setKeyTyped(true);
            }}
          />
          <Textarea
            label="Description"
            description="Shown below the name."
            autosize
            minRows={2}
            maxLength={1000}
            value={values.description ?? ''}
            onChange={(event) => set({ description: event.currentTarget.value })}
          />
          <MultiSelect
            label="Sent by"
            placeholder={values.channels?.length ? '' : 'Anything'}
            data={CHANNELS.map((value) => ({ value, label: channelWords(value) }))}
            value={values.channels ?? []}
            onChange={(chosen) =>
              set({ channels: CHANNELS.filter((channel) => chosen.includes(channel)) })
            }
          />
          <Switch
            label="Whoever said nothing gets it"
            checked={values.subscribed ?? true}
            disabled={values.transactional ?? false}
            onChange={(event) => set({ subscribed: event.currentTarget.checked })}
          />
          <Switch
            label="Owed to contacts, like receipts"
            description="Nobody unsubscribes from it, and nothing holds it back."
            checked={values.transactional ?? false}
            onChange={(event) => set({ transactional: event.currentTarget.checked })}
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
    </Modal>
  );
}

function topicOf(topic: Topic | null): TopicSave {
  if (topic === null) return NEW;
  const { name, description, channels, subscribed, transactional } = topic;
  const known = CHANNELS.filter((channel) => channels.includes(channel));
  return { name, description, channels: known, subscribed, transactional };
}
