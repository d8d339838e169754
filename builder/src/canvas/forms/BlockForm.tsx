import { Select, Stack, Text, TextInput } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import { blockType } from '../blocks/registry';
import { useDrawing, useEditor } from '../editor/context';
import { connect, renameBlock, setBlock } from '../model/edits';
import { messageAt, type PlacedIssue } from '../model/issues';
import { outputs } from '../model/outputs';
import type { Block, BlockKind } from '../model/types';
import { blockWords } from '../words/blocks';
import { ConditionForm, SplitForm } from './deciding';
import { EmitForm, ExitForm, PromoForm, UpdateForm } from './doing';
import { IssueList } from './IssueList';
import { BestOfForm, FirstReachableForm, MessageForm } from './sending';
import type { BlockFormProps } from './types';
import { TimerForm, WaitForForm } from './waiting';

const FORMS: { [Kind in BlockKind]: ComponentType<BlockFormProps<Kind>> } = {
  message: MessageForm,
  best_of: BestOfForm,
  first_reachable: FirstReachableForm,
  timer: TimerForm,
  wait_for: WaitForForm,
  condition: ConditionForm,
  split: SplitForm,
  update: UpdateForm,
  emit: EmitForm,
  promo: PromoForm,
  exit: ExitForm,
};

/** All that can be set of one block: its own fields, and where its ways lead. */
export function BlockForm({ block, issues }: { block: Block; issues: readonly PlacedIssue[] }) {
  const editor = useEditor();
  const type = blockType(block.kind);
  // The registry pairs each kind with its form; TypeScript cannot follow that through an index.
  const Form = FORMS[block.kind] as ComponentType<BlockFormProps<BlockKind>> | undefined;
  return (
    <Stack gap="md">
      <IssueList issues={issues} />
      {Form ? (
        <Form
          key={block.id}
          block={block}
          issues={issues}
          error={(field) => messageAt(issues, field)}
          onChange={(changed, field) =>
            editor.edit((drawing) => setBlock(drawing, changed), `${block.id} ${field}`)
          }
        />
      ) : (
        <Text size="sm">{type.hint}</Text>
      )}
      <WaysForm block={block} issues={issues} />
      <IdField key={`id ${block.id}`} block={block} />
    </Stack>
  );
}

/** Where each way leads, for those who do not draw with the mouse. */
function WaysForm({ block, issues }: { block: Block; issues: readonly PlacedIssue[] }) {
  const editor = useEditor();
  const { blocks } = useDrawing().definition;
  const choices = blocks
    .filter((one) => one.id !== block.id)
    .map((one) => ({ value: one.id, label: `${one.id}: ${blockWords(one)}` }));
  return outputs(block).map((way) => (
    <Select
      key={way.path}
      label={way.label ? `Then, if ${quoted(way.label)}` : 'Then'}
      data={choices}
      value={way.target}
      placeholder={
        block.kind === 'message' && way.optional ? 'Go on as if sent' : 'End the journey'
      }
      clearable
      searchable
      limit={50}
      error={messageAt(issues, way.path)}
      onChange={(target) => editor.edit((drawing) => connect(drawing, block.id, way.path, target))}
    />
  ));
}

const quoted = (label: string): string => (/%$/.test(label) ? `among the ${label}` : `“${label}”`);

/** The block's name in the file. Published ones keep it, because their numbers are kept by it. */
function IdField({ block }: { block: Block }) {
  const editor = useEditor();
  const drawing = useDrawing();
  const [typed, setTyped] = useState(block.id);
  const [error, setError] = useState<string | undefined>();
  const published = editor.isPublished(block.id);
  const problem = (): string | undefined => {
    if (typed === block.id) return undefined;
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(typed)) {
      return 'Letters, digits, - and _; at most 64, the first a letter or digit';
    }
    const taken = drawing.definition.blocks.some((one) => one.id === typed);
    return taken || editor.isPublished(typed) ? 'Another block has, or had, this name' : undefined;
  };
  const apply = (): void => {
    const found = problem();
    setError(found);
    if (found !== undefined || typed === block.id) return;
    editor.rename(block.id, typed, (before) => renameBlock(before, block.id, typed));
  };
  return (
    <TextInput
      label="Name"
      size="xs"
      value={typed}
      error={error}
      readOnly={published}
      description={
        published ? 'Published blocks keep their name: numbers are kept by it' : undefined
      }
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
    />
  );
}
