import { Menu, Portal, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type PointerEvent, useRef, useState } from 'react';
import { BLOCK_TYPES, PALETTE } from '../blocks/registry';
import { type At, edgeAt, markEdge, overCanvas } from '../flow/hit';
import type { BlockKind } from '../model/types';
import classes from './Palette.module.css';

interface Props {
  onAdd: (kind: BlockKind) => void;
  onDrop: (kind: BlockKind, at: At) => void;
}

/** How far the mouse moves before a press becomes a drag. */
const SLACK = 5;

/** The blocks to choose from: drag one onto the canvas or an edge, or choose it by click or Enter. */
export function Palette({ onAdd, onDrop }: Props) {
  const [dragged, setDragged] = useState<{ kind: BlockKind; at: At } | null>(null);
  const pressed = useRef<{ kind: BlockKind; from: At; moved: boolean } | null>(null);

  const begin = (kind: BlockKind) => (event: PointerEvent<HTMLButtonElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    pressed.current = { kind, from: { x: event.clientX, y: event.clientY }, moved: false };
  };
  const move = (event: PointerEvent) => {
    const press = pressed.current;
    if (!press) return;
    const at = { x: event.clientX, y: event.clientY };
    press.moved ||= Math.hypot(at.x - press.from.x, at.y - press.from.y) > SLACK;
    if (!press.moved) return;
    setDragged({ kind: press.kind, at });
    markEdge(edgeAt(at));
  };
  const end = (event: PointerEvent) => {
    const press = pressed.current;
    const at = { x: event.clientX, y: event.clientY };
    // The click that follows looks whether this was a drag; it comes in the same task.
    setTimeout(() => (pressed.current = null));
    setDragged(null);
    if (press?.moved && overCanvas(at)) onDrop(press.kind, at);
    markEdge(null);
  };
  const cancel = () => {
    pressed.current = null;
    setDragged(null);
    markEdge(null);
  };

  return (
    <nav className={classes.palette} aria-label="Blocks" data-panel>
      {PALETTE.map((group) => (
        <div key={group.title}>
          <Text size="xs" c="dimmed" fw={600} className={classes.title ?? ''}>
            {group.title}
          </Text>
          {group.kinds.map((kind) => {
            const type = BLOCK_TYPES[kind];
            return (
              <Tooltip key={kind} label={type.hint} position="right">
                <UnstyledButton
                  className={classes.item ?? ''}
                  data-kind={kind}
                  onPointerDown={begin(kind)}
                  onPointerMove={move}
                  onPointerUp={end}
                  onPointerCancel={cancel}
                  onClick={() => {
                    if (!pressed.current?.moved) onAdd(kind);
                  }}
                >
                  <type.icon
                    size={17}
                    color={`var(--mantine-color-${type.tone}-filled)`}
                    aria-hidden
                  />
                  {type.label}
                </UnstyledButton>
              </Tooltip>
            );
          })}
        </div>
      ))}
      {dragged && <Ghost {...dragged} />}
    </nav>
  );
}

function Ghost({ kind, at }: { kind: BlockKind; at: At }) {
  const type = BLOCK_TYPES[kind];
  return (
    <Portal>
      <div className={classes.ghost} style={{ transform: `translate(${at.x}px, ${at.y}px)` }}>
        <type.icon size={17} aria-hidden />
        {type.label}
      </div>
    </Portal>
  );
}

/** The same choice where there is no room for the list: a round button with a menu. */
export function PaletteButton({ onAdd }: Pick<Props, 'onAdd'>) {
  return (
    <Menu position="top-start" withinPortal>
      <Menu.Target>
        <UnstyledButton className={classes.plus ?? ''} aria-label="Add a block" data-panel>
          <IconPlus size={22} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {PALETTE.flatMap((group) => group.kinds).map((kind) => {
          const type = BLOCK_TYPES[kind];
          return (
            <Menu.Item key={kind} leftSection={<type.icon size={16} />} onClick={() => onAdd(kind)}>
              {type.label}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
