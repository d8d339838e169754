import { Menu } from '@mantine/core';
import { Fragment } from 'react';
import { BLOCK_TYPES, PALETTE } from '../blocks/registry';
import type { At } from '../flow/hit';
import type { BlockKind } from '../model/types';

/** Where the block that is chosen goes: into an edge, or behind a way out that led nowhere. */
export type Gap =
  | { readonly edge: string; readonly at: At }
  | { readonly source: string; readonly path: string; readonly at: At };

interface Props {
  gap: Gap | null;
  onAdd: (kind: BlockKind, gap: Gap) => void;
  onClose: () => void;
}

/** The choice of blocks right where one is wanted. */
export function BlockMenu({ gap, onAdd, onClose }: Props) {
  if (gap === null) return null;
  return (
    <Menu opened onClose={onClose} position="right-start" shadow="md" returnFocus={false}>
      <Menu.Target>
        <span
          aria-hidden
          style={{ position: 'fixed', left: gap.at.x, top: gap.at.y, width: 1, height: 1 }}
        />
      </Menu.Target>
      <Menu.Dropdown aria-label="Add a block here" mah="60dvh" style={{ overflowY: 'auto' }}>
        {PALETTE.map((group) => (
          <Fragment key={group.title}>
            <Menu.Label>{group.title}</Menu.Label>
            {group.kinds.map((kind) => {
              const type = BLOCK_TYPES[kind];
              return (
                <Menu.Item
                  key={kind}
                  leftSection={<type.icon size={16} aria-hidden />}
                  onClick={() => onAdd(kind, gap)}
                >
                  {type.label}
                </Menu.Item>
              );
            })}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
