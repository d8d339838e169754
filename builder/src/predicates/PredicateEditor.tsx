import { JsonInput } from '@mantine/core';
import { useState } from 'react';
import type { Predicate } from '@/canvas/model/types';

/** What a predicate may speak of beside the contact, where it stands. */
export interface PredicateContext {
  /** Blocks of this workflow that send something, by id. */
  readonly messages?: readonly string[];
  /** Names of the starting event's properties that are known. */
  readonly params?: readonly string[];
}

export interface PredicateEditorProps {
  readonly value: Predicate;
  readonly onChange: (value: Predicate) => void;
  readonly context?: PredicateContext;
  readonly error?: string | undefined;
}

/** A predicate, written as JSON. */
export function PredicateEditor({ value, onChange, error }: PredicateEditorProps) {
  const [draft, setDraft] = useState<{ text: string; of: Predicate } | null>(null);
  const text = draft?.of === value ? draft.text : JSON.stringify(value, null, 2);
  const change = (typed: string): void => {
    let read: unknown = null;
    try {
      read = JSON.parse(typed);
    } catch {
      // Half written: what is shown stays, and the last whole predicate holds.
    }
    const whole = typeof read === 'object' && read !== null && !Array.isArray(read);
    const next = whole ? (read as Predicate) : value;
    setDraft({ text: typed, of: next });
    if (whole) onChange(next);
  };
  return (
    <JsonInput
      label="Condition"
      value={text}
      onChange={change}
      error={error}
      autosize
      minRows={4}
      maxRows={16}
      validationError="This is no JSON yet"
      spellCheck={false}
    />
  );
}
