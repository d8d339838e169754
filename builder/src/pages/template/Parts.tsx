import { Input, SegmentedControl, Skeleton, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { channelLabel, type PartField, type Template } from '../templates/channels';
import type { KnownPaths } from './known';
import type { Language } from './languages';
import type { TemplateEditor } from './useTemplateEditor';
import { type Format, faultsOf, shownParts } from './written';

const CodeEditor = lazy(() => import('./CodeEditor'));

const FORMATS = [
  { value: 'mjml', label: 'MJML' },
  { value: 'html', label: 'HTML' },
  { value: 'text', label: 'Text only' },
];

const LANGUAGES: Record<PartField['kind'], Language> = {
  line: 'text',
  lines: 'text',
  html: 'html',
  mjml: 'mjml',
  json: 'json',
};

interface PartsProps {
  template: Template;
  editor: TemplateEditor;
  known: KnownPaths;
  readOnly: boolean;
}

/** The parts of a template, each in an editor of its language. */
export function Parts({ template, editor, known, readOnly }: PartsProps) {
  const { channel } = template;
  const { format } = editor.written;
  const [first, ...others] = shownParts(channel, format);
  const field = (part: PartField) => (
    <Field key={part.part} field={part} editor={editor} known={known} readOnly={readOnly} />
  );
  return (
    <Stack gap="md">
      {first && field(first)}
      {channel === 'email' && (
        <SegmentedControl
          size="xs"
          w="fit-content"
          aria-label="How the mail is written"
          value={format}
          onChange={(value) => editor.setFormat(value as Format)}
          data={FORMATS}
          readOnly={readOnly}
        />
      )}
      {others.map(field)}
      <Text size="xs" c="dimmed">
        {channelLabel(channel)} in Liquid: type <code>{'{{'}</code> for what is known of the
        contact, the event and the order, and <code>{'{%'}</code> for conditions and loops. Missing
        data prints nothing; say what to print instead with <code>| default: &quot;…&quot;</code>.
      </Text>
    </Stack>
  );
}

interface FieldProps {
  field: PartField;
  editor: TemplateEditor;
  known: KnownPaths;
  readOnly: boolean;
}

function Field({ field, editor, known, readOnly }: FieldProps) {
  const { part, label, hint, kind, required } = field;
  const wrong = JSON.stringify(faultsOf(part, editor.issues));
  const faults = useMemo(() => JSON.parse(wrong) as ReturnType<typeof faultsOf>, [wrong]);
  const id = `part-${part}`;
  return (
    <Input.Wrapper
      label={required ? label : <OptionalLabel label={label} part={part} />}
      labelElement="div"
      description={hint}
      error={faults.length > 0 ? faults.map(({ message }) => message).join(' · ') : null}
      data-part={part}
    >
      <Suspense
        fallback={<Skeleton h={heightOf(kind, editor.written.parts[part])} mt={4} radius="md" />}
      >
        <CodeEditor
          key={part}
          id={id}
          label={label}
          language={LANGUAGES[kind]}
          value={editor.written.parts[part]}
          onChange={(value) => editor.setPart(part, value)}
          known={known}
          faults={faults}
          oneLine={kind === 'line'}
          readOnly={readOnly}
        />
      </Suspense>
    </Input.Wrapper>
  );
}

/** About as high as the editor that comes: lines of 20 pixels between its least and its most. */
function heightOf(kind: PartField['kind'], value: string | undefined): number {
  if (kind === 'line') return 39;
  const lines = (value ?? '').split('\n').length;
  return Math.min(Math.max(18 + lines * 20, kind === 'lines' ? 98 : 142), window.innerHeight * 0.6);
}

function OptionalLabel({ label, part }: { label: string; part: string }) {
  return part === 'mjml' || part === 'html' ? (
    label
  ) : (
    <>
      {label}{' '}
      <Text span size="xs" c="dimmed">
        optional
      </Text>
    </>
  );
}
