import { Text, type TextProps, Tooltip } from '@mantine/core';
import { useSessionQuery } from '@/api/session';
import { inZone, relative, viewerZone } from './dates';

interface WhenProps extends TextProps {
  at: string | null | undefined;
  /** The contact's zone; without one, the workspace's. */
  zone?: string | null | undefined;
  /** How long ago instead of the date; the date is in the tooltip then. */
  ago?: boolean;
  seconds?: boolean;
}

/** An instant in the contact's zone, with the viewer's own in a tooltip. */
export function When({ at, zone, ago = false, seconds = false, ...text }: WhenProps) {
  const workspaceZone = useSessionQuery().data?.workspace.timezone ?? 'UTC';
  if (!at) {
    return (
      <Text span inherit c="dimmed" {...text}>
        –
      </Text>
    );
  }
  const shown = zone ?? workspaceZone;
  const here = viewerZone();
  const lines = [`${inZone(at, shown, true)} (${shown})`];
  if (here !== shown) lines.push(`${inZone(at, here, true)} (${here}, yours)`);
  return (
    <Tooltip label={lines.join('\n')} style={{ whiteSpace: 'pre-line' }}>
      <Text span inherit component="time" dateTime={at} style={{ whiteSpace: 'nowrap' }} {...text}>
        {ago ? relative(at) : inZone(at, shown, seconds)}
      </Text>
    </Tooltip>
  );
}
