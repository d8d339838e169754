import type { Model } from '@/api/client';

/** A ready workflow to start from. */
export interface Starter {
  key: string;
  name: string;
  /** One sentence: for whom it is and what ends it. */
  description: string;
  definition: Model<'WorkflowCreate'>['definition'];
  /** Templates that it names; those that are missing are made with it. */
  templates: readonly Model<'TemplateCreate'>[];
}

/** Only the gallery needs them, so they come in a chunk of their own. */
export async function starters(): Promise<readonly Starter[]> {
  return [];
}
