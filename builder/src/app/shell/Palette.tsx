import '@mantine/spotlight/styles.css';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { type Icon, IconAddressBook, IconRoute, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { useWorkflowChoices } from '@/api/choices';
import { api, ok } from '@/api/client';
import { may, useSession } from '@/api/session';
import { nameOf, refOf } from '@/shared/ContactPicker';
import { found } from './found';
import { GROUPS } from './places';

const [store, palette] = createSpotlight();
const MOST = 6;
const LEAST_LETTERS = 2;

interface Way {
  readonly to: string;
  readonly label: string;
  readonly key?: string;
  readonly icon: Icon;
  readonly about?: string;
}

/** Goes to a page, a workflow or a contact by a part of its name; opens each time it is asked. */
export function Palette({ asked }: { asked: number }) {
  const [text, setText] = useState('');
  const navigate = useNavigate();
  const ways = useWays(text.trim());
  useEffect(() => {
    if (asked > 0) palette.open();
  }, [asked]);
  const none = ways.every(([, found]) => found.length === 0);
  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      scrollable
      maxHeight={420}
      title="Go to"
    >
      <Spotlight.Search
        aria-label="Go to a page, workflow or contact"
        placeholder="Page, workflow or contact"
        leftSection={<IconSearch size={18} aria-hidden />}
      />
      <Spotlight.ActionsList>
        {ways.map(
          ([label, found]) =>
            found.length > 0 && (
              <Spotlight.ActionsGroup key={label} label={label}>
                {found.map((way) => (
                  <Spotlight.Action
                    key={way.to}
                    label={way.label}
                    {...(way.about && { description: way.about })}
                    leftSection={<way.icon size={18} aria-hidden />}
                    onClick={() => void navigate(way.to)}
                  />
                ))}
              </Spotlight.ActionsGroup>
            ),
        )}
        {none && <Spotlight.Empty>Nothing is called so.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function useWays(text: string): readonly [string, readonly Way[]][] {
  const { role } = useSession().user;
  const workflows = useWorkflowChoices().data ?? [];
  const pages: Way[] = GROUPS.flatMap((group) => group.places)
    .filter(({ right }) => right === undefined || may(role, right))
    .map(({ to, label, icon }) => ({ to, label, icon }));
  const drawn: Way[] = workflows.map(({ value, label }) => ({
    to: `/workflows/${value}`,
    label,
    key: value,
    about: value,
    icon: IconRoute,
  }));
  return [
    ['Pages', found(pages, text, text ? MOST : pages.length)],
    ['Workflows', found(drawn, text, MOST)],
    ['Contacts', useContacts(text)],
  ];
}

function useContacts(text: string): Way[] {
  const [search] = useDebouncedValue(text, 250);
  const enabled = search.length >= LEAST_LETTERS;
  const { data } = useQuery({
    queryKey: ['contacts', 'go-to', search],
    enabled,
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const query = { limit: MOST, search };
      return (await ok(api.GET('/v1/contacts', { params: { query } }))).data;
    },
  });
  if (!enabled || text.length < LEAST_LETTERS) return [];
  return (data ?? []).map((contact) => ({
    to: `/contacts/${encodeURIComponent(refOf(contact))}`,
    label: nameOf(contact),
    about: contact.email ?? contact.userId ?? contact.id,
    icon: IconAddressBook,
  }));
}
