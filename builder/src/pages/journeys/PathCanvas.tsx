import { useMemo } from 'react';
import { type Extras, NO_EXTRAS } from '@/canvas/flow/nodes';
import { ReadCanvas } from '@/canvas/flow/ReadCanvas';
import type { Drawing } from '@/canvas/model/types';
import { pathOf, type Step } from './path';
import type { JourneyState } from './words';

interface Props {
  drawing: Drawing;
  steps: readonly Step[];
  state: JourneyState | 'unfinished';
  /** The zone that times are told in. */
  zone: string;
  onBlock?: (block: string) => void;
}

/** A contact's way drawn over the workflow it goes through. */
export function PathCanvas({ drawing, steps, state, zone, onBlock }: Props) {
  const extras = useMemo(
    (): Extras => ({ ...NO_EXTRAS, ...pathOf(steps, state, zone) }),
    [steps, state, zone],
  );
  return <ReadCanvas drawing={drawing} extras={extras} {...(onBlock && { onBlock })} />;
}
