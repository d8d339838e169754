import { Alert, Button, Group, Text } from '@mantine/core';
import { IconHistory, IconUsers } from '@tabler/icons-react';
import { useConnected } from '@/api/connection';
import { ErrorState } from '@/shared/ErrorState';
import { When } from '@/shared/When';
import type { Template } from '../templates/channels';
import type { TemplateEditor } from './useTemplateEditor';

interface NoticesProps {
  template: Template;
  editor: TemplateEditor;
}

/** What stands between the editor and what is saved. */
export function Notices({ template, editor }: NoticesProps) {
  const connected = useConnected();
  if (editor.conflict || editor.stale) {
    return (
      <Alert color="yellow" icon={<IconUsers aria-hidden />} title="Somebody else saved meanwhile">
        <Text size="sm" mb="xs">
          This template was saved <When at={template.updated_at} ago />, after you opened it. Your
          changes are kept in this browser until you decide.
        </Text>
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={editor.discard}>
            Take theirs, drop mine
          </Button>
          <Button size="xs" color="yellow" autoContrast onClick={() => editor.save(true)}>
            Save mine over theirs
          </Button>
        </Group>
      </Alert>
    );
  }
  if (editor.refused) {
    return (
      <>
        <ErrorState error={editor.refused} retry={() => editor.save()} />
        {!connected && <Text size="sm">What you wrote is kept in this browser.</Text>}
      </>
    );
  }
  if (editor.restored) {
    return (
      <Alert color="blue" icon={<IconHistory aria-hidden />} title="Your unsaved changes are back">
        <Group gap="sm" justify="space-between">
          <Text size="sm">They were kept in this browser when you left.</Text>
          <Button size="xs" variant="default" onClick={editor.discard}>
            Discard them
          </Button>
        </Group>
      </Alert>
    );
  }
  return null;
}
