import { JsonInput } from '@mantine/core';
import { useState } from 'react';

interface Props {
  value: unknown;
  onChange: (value: unknown) => void;
  readOnly: boolean;
}

/** The predicate as JSON; what is not whole yet is kept here and changes nothing. */
export function JsonView({ value, onChange, readOnly }: Props) {
  const [draft, setDraft] = useState<{ text: string; of: unknown } | null>(null);
  const text = draft !== null && draft.of === value ? draft.text : JSON.stringify(value, null, 2);
  return (
    <JsonInput
      aria-label="Conditions as JSON"
      value={text}
      readOnly={readOnly}
      autosize
      minRows={6}
      maxRows={24}
      validationError="This is no JSON yet; the last whole text holds."
      spellCheck={false}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
      onChange={(next) => {
        let read: unknown;
        try {
          read = JSON.parse(next);
        } catch {
          setDraft({ text: next, of: value });
          return;
        }
        if (typeof read !== 'object' || read === null || Array.isArray(read)) {
          setDraft({ text: next, of: value });
          return;
        }
        setDraft({ text: next, of: read });
        onChange(read);
      }}
    />
  );
}
