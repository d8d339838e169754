import { Button, Menu } from '@mantine/core';
import { IconBracketsContain, IconPlus } from '@tabler/icons-react';
import { useEditing } from '../context';
import { insert } from '../model/edits';
import { LEAF_LABELS, type LeafKind, NEW_LEAF } from '../model/kinds';
import { newId, readRow } from '../model/tree';
import { LEAF_ICONS } from './icons';

const ANYWHERE: readonly LeafKind[] = ['field', 'event', 'order', 'segment', 'reachable', 'now'];

/** Adds a condition or a group at the end of a group. */
export function AddMenu({ group }: { group: string }) {
  const { apply, journey } = useEditing();
  const kinds: LeafKind[] = journey ? [...ANYWHERE, 'message', 'param'] : [...ANYWHERE, 'param'];
  const add = (json: unknown): void => {
    const row = { ...readRow(json), id: newId() };
    apply((tree) => insert(tree, group, row), `${row.id} input`);
  };
  return (
    <Menu position="bottom-start" shadow="md" returnFocus={false}>
      <Menu.Target>
        <Button
          variant="light"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          style={{ alignSelf: 'flex-start' }}
        >
          Add condition
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {kinds.map((kind) => {
          const Icon = LEAF_ICONS[kind];
          const label =
            kind === 'param' && journey ? 'Starting event’s property' : LEAF_LABELS[kind];
          return (
            <Menu.Item
              key={kind}
              leftSection={<Icon size={15} aria-hidden />}
              onClick={() => add(NEW_LEAF[kind])}
            >
              {label}
            </Menu.Item>
          );
        })}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconBracketsContain size={15} aria-hidden />}
          onClick={() => add({ any: [] })}
        >
          Group: at least one of…
        </Menu.Item>
        <Menu.Item
          leftSection={<IconBracketsContain size={15} aria-hidden />}
          onClick={() => add({ all: [] })}
        >
          Group: all of…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
