import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { useMay } from '@/api/session';
import { DryRun } from './DryRun';
import type { Version, Workflow } from './queries';
import { TestRun } from './TestRun';
import type { Draft } from './useDraft';

interface Props {
  workflow: Workflow;
  versions: readonly Version[] | undefined;
  draft: Draft;
}

export type Mode = 'dry' | 'test';

/**
 * Trying a workflow out on one contact: on paper, or for real with its messages led elsewhere.
 * `?contact=` names one to begin with, `?test` begins with a real test.
 */
export function TryTab(props: Props) {
  const mayEdit = useMay('edit');
  const [search] = useSearchParams();
  const [mode, setMode] = useState<Mode>(search.has('test') && mayEdit ? 'test' : 'dry');
  const contact = search.get('contact');
  const choice = (
    <SegmentedControl
      aria-label="How to try it"
      fullWidth
      size="xs"
      data={[
        { value: 'dry', label: 'Dry run' },
        { value: 'test', label: 'Real test', disabled: !mayEdit },
      ]}
      value={mode}
      onChange={(value) => setMode(value as Mode)}
    />
  );
  return mode === 'dry' ? (
    <DryRun {...props} contact={contact} choice={choice} />
  ) : (
    <TestRun {...props} contact={contact} choice={choice} />
  );
}
