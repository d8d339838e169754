import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconBracketsContain,
  IconBracketsOff,
  IconCopy,
  IconDotsVertical,
  IconExclamationMark,
  IconTrash,
} from '@tabler/icons-react';
import { useEditing } from '../context';
import { duplicate, remove, step, unwrap, update, wrap } from '../model/edits';
import { isGroup, type Row, type Tree } from '../model/tree';

/** All that can be done with a row. */
export function RowMenu({ row, what }: { row: Row; what: string }) {
  const { apply } = useEditing();
  const item = (
    label: string,
    Icon: typeof IconCopy,
    edit: (tree: Tree) => Tree,
    focus?: string,
  ) => (
    <Menu.Item leftSection={<Icon size={15} aria-hidden />} onClick={() => apply(edit, focus)}>
      {label}
    </Menu.Item>
  );
  const { id, nots } = row;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Tooltip label="More">
          <ActionIcon variant="subtle" color="gray" size={28} aria-label={`More for ${what}`}>
            <IconDotsVertical size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {!isGroup(row) &&
          item(
            nots === 0 ? 'Turn into “not”' : 'Take the “not” away',
            IconExclamationMark,
            (tree) => update(tree, id, (now) => ({ ...now, nots: now.nots === 0 ? 1 : 0 })),
          )}
        {item('Move up', IconArrowUp, (tree) => step(tree, id, -1), id)}
        {item('Move down', IconArrowDown, (tree) => step(tree, id, 1), id)}
        {item('Put into a group: at least one of…', IconBracketsContain, (tree) =>
          wrap(tree, id, 'any'),
        )}
        {item('Put into a group: all of…', IconBracketsContain, (tree) => wrap(tree, id, 'all'))}
        {isGroup(row) &&
          nots === 0 &&
          item('Dissolve the group', IconBracketsOff, (tree) => unwrap(tree, id))}
        {item('Duplicate', IconCopy, (tree) => duplicate(tree, id))}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => apply((tree) => remove(tree, id))}
        >
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
