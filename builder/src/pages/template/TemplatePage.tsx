import { ActionIcon, Badge, Button, SegmentedControl, Stack, Text, Tooltip } from '@mantine/core';
import { useDisclosure, useHotkeys, useSessionStorage } from '@mantine/hooks';
import { IconDeviceFloppy, IconSend, IconTrash } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useMay } from '@/api/session';
import { confirm } from '@/shared/confirm';
import { PageHeader } from '@/shared/PageHeader';
import { When } from '@/shared/When';
import { CHANNELS, channelLabel, type Template } from '../templates/channels';
import { useDeleteTemplate } from '../templates/queries';
import { useKnown } from './known';
import { Notices } from './Notices';
import { Parts } from './Parts';
import { Preview } from './Preview';
import { PreviewFor } from './PreviewFor';
import classes from './Template.module.css';
import { TestDialog } from './TestDialog';
import { Uses } from './Uses';
import { drop } from './unsaved';
import { useLeaving } from './useLeaving';
import { useTemplateEditor } from './useTemplateEditor';
import { objectOf } from './written';

export function TemplatePage({ template }: { template: Template }) {
  const mayEdit = useMay('edit');
  const [contact, setContact] = useSessionStorage<string | null>({
    key: 'sojourn-preview-contact',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const [eventText, setEventText] = useSessionStorage({
    key: 'sojourn-preview-event',
    defaultValue: '',
    getInitialValueInEffect: false,
  });
  const event = useMemo(() => objectOf(eventText), [eventText]);
  const editor = useTemplateEditor(template, { contact, event });
  const known = useKnown(event);
  const [side, setSide] = useState<'write' | 'preview'>('write');
  const [testing, { open, close }] = useDisclosure(false);
  const leaveFreely = useLeaving(editor.dirty, () => drop(template.id));
  const addressed = CHANNELS[template.channel].addressed;
  useHotkeys([['mod+S', () => mayEdit && editor.dirty && editor.save()]], [], true);
  return (
    <>
      <PageHeader
        title={template.key}
        back={{ to: '/templates', label: 'Templates' }}
        badge={
          <>
            <Badge variant="light" color="gray" tt="none">
              {channelLabel(template.channel)}
            </Badge>
            <Text size="sm" c="dimmed" role="status">
              {editor.saving ? (
                'Saving…'
              ) : editor.dirty ? (
                'Not saved'
              ) : (
                <>
                  Saved <When at={template.updated_at} ago />
                </>
              )}
            </Text>
          </>
        }
        actions={
          mayEdit && (
            <>
              {addressed && (
                <Button
                  variant="default"
                  leftSection={<IconSend size={16} aria-hidden />}
                  disabled={!editor.valid}
                  onClick={open}
                >
                  Send a test
                </Button>
              )}
              <Button
                leftSection={<IconDeviceFloppy size={16} aria-hidden />}
                disabled={!editor.dirty || !editor.valid || editor.conflict}
                loading={editor.saving}
                onClick={() => editor.save()}
              >
                Save
              </Button>
              <DeleteButton template={template} onDelete={leaveFreely} />
            </>
          )
        }
      />
      <Stack gap="sm" mb="md">
        <Uses template={template.key} />
        <Notices template={template} editor={editor} />
      </Stack>
      <SegmentedControl
        className={classes.sides ?? ''}
        fullWidth
        mb="md"
        aria-label="Shown"
        value={side}
        onChange={(value) => setSide(value as 'write' | 'preview')}
        data={[
          { value: 'write', label: 'Write' },
          { value: 'preview', label: 'Preview' },
        ]}
      />
      <div className={classes.columns} data-side={side}>
        <div className={classes.write}>
          <Parts template={template} editor={editor} known={known} readOnly={!mayEdit} />
        </div>
        <section className={classes.preview} aria-label="Preview">
          <Stack gap="sm">
            <PreviewFor
              contact={contact}
              onContact={setContact}
              event={eventText}
              onEvent={setEventText}
            />
            <Preview editor={editor} title={template.key} />
          </Stack>
        </section>
      </div>
      {testing && (
        <TestDialog
          channel={template.channel}
          asked={editor.asked}
          contact={contact}
          onClose={close}
        />
      )}
    </>
  );
}

function DeleteButton({ template, onDelete }: { template: Template; onDelete: () => void }) {
  const remove = useDeleteTemplate(template.key);
  const ask = async () => {
    const sure = await confirm({
      title: `Delete ${template.key}?`,
      children: 'It cannot be brought back. A template that a workflow may still send stays.',
      action: 'Delete template',
      danger: true,
    });
    if (!sure) return;
    onDelete();
    remove.mutate(undefined, { onSuccess: () => drop(template.id) });
  };
  return (
    <Tooltip label="Delete the template">
      <ActionIcon
        variant="default"
        size={36}
        aria-label="Delete the template"
        loading={remove.isPending}
        onClick={() => void ask()}
      >
        <IconTrash size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
