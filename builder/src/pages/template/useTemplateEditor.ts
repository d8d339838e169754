import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { asProblem, type ProblemIssue } from '@/api/problem';
import type { Part, Template } from '../templates/channels';
import { type PreviewAsked, usePreview, useSaveTemplate } from '../templates/queries';
import { drop, keep, kept } from './unsaved';
import {
  contentOf,
  type Format,
  sameWritten,
  untouched,
  type Written,
  write,
  writtenOf,
} from './written';

export interface Audience {
  contact: string | null;
  event: Record<string, unknown> | null;
}

export type TemplateEditor = ReturnType<typeof useTemplateEditor>;

const PAUSE = 400;

/** What is being written, on which saved state, and how it looks; `template` is what is saved now. */
export function useTemplateEditor(template: Template, audience: Audience) {
  const { id, channel } = template;
  const [found] = useState(() => kept(id));
  const [base, setBase] = useState(() => found?.base ?? template);
  const [written, setWritten] = useState(() => found?.written ?? writtenOf(template));
  const save = useSaveTemplate(template.key);
  const dirty = !sameWritten(channel, written, writtenOf(base));
  const changedElsewhere = template.updated_at !== base.updated_at;

  const take = (saved: Template) => {
    setBase(saved);
    setWritten(writtenOf(saved));
    drop(id);
    save.reset();
  };
  const takeNew = useRef(take);
  useEffect(() => {
    takeNew.current = take;
  });
  useEffect(() => {
    // Nothing of one's own is lost, so what somebody else saved is shown at once.
    if (changedElsewhere && !dirty) takeNew.current(template);
  }, [changedElsewhere, dirty, template]);
  useEffect(() => {
    if (dirty) keep(id, { written, base });
    else drop(id);
  }, [dirty, id, written, base]);

  const { content: own, issues: ours } = contentOf(channel, written);
  const content = { ...untouched(base), ...own };
  const asked: PreviewAsked = {
    template: { channel, ...content },
    ...(audience.contact === null ? {} : { userId: audience.contact }),
    ...(audience.event === null ? {} : { event: audience.event }),
  };
  const [settled] = useDebouncedValue(JSON.stringify(asked), PAUSE);
  const preview = usePreview(ours.length === 0 ? (JSON.parse(settled) as PreviewAsked) : null);
  const refused = save.isError ? asProblem(save.error) : null;
  const shown = preview.isError ? asProblem(preview.error) : null;
  const issues: readonly ProblemIssue[] = [
    ...ours,
    ...(shown?.issues ?? (refused?.status === 422 ? refused.issues : [])),
  ];

  return {
    written,
    /** As it would be sent now. */
    content,
    asked,
    issues,
    preview,
    dirty,
    /** It was written in an earlier visit and not saved. */
    restored: found !== null && dirty,
    conflict: changedElsewhere && dirty,
    saving: save.isPending,
    refused: refused?.status === 409 || refused?.status === 422 ? null : refused,
    valid: ours.length === 0,
    setPart: (part: Part, value: string) => setWritten((before) => write(before, part, value)),
    setFormat: (format: Format) => setWritten((before): Written => ({ ...before, format })),
    discard: () => take(template),
    /** Save; `over` what somebody else saved meanwhile, if told so. */
    save: (over = false) => {
      if (ours.length > 0 || save.isPending) return;
      const updated_at = over ? template.updated_at : base.updated_at;
      const others = untouched(over ? template : base);
      save.mutate({ ...others, ...own, updated_at }, { onSuccess: (saved) => setBase(saved) });
    },
    stale: refused?.status === 409,
  };
}
