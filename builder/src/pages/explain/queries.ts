/** What the page that explains reads. */
import { useQuery } from '@tanstack/react-query';
import { api, ok } from '@/api/client';

export interface Question {
  workflow: string | null;
  contact: string | null;
  /** The id or the name of an event to look at alone. */
  event: string | null;
}

export interface MessageBlock {
  value: string;
  label: string;
}

/** The blocks of the workflow's present drawing that send something. */
export function useMessageBlocks(workflow: string | null) {
  return useQuery({
    queryKey: ['workflows', 'message-blocks', workflow],
    enabled: workflow !== null,
    queryFn: async () => {
      const params = { path: { ref: workflow ?? '' } };
      const { definition } = await ok(api.GET('/v1/workflows/{ref}', { params }));
      return messageBlocks(definition);
    },
  });
}

const SENDING: ReadonlySet<string> = new Set(['message', 'best_of', 'first_reachable']);

function messageBlocks(definition: Record<string, unknown>): MessageBlock[] {
  const blocks = Array.isArray(definition.blocks) ? definition.blocks : [];
  return blocks.filter(isBlock).flatMap((block): MessageBlock[] => {
    if (!SENDING.has(block.kind)) return [];
    const template = typeof block.template === 'string' ? `: ${block.template}` : '';
    return [{ value: block.id, label: `${block.name ?? block.id}${template}` }];
  });
}

interface Block {
  id: string;
  kind: string;
  name?: string;
  template?: unknown;
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && 'id' in value && 'kind' in value;
}

export function useExplanation({ workflow, contact, event }: Question) {
  return useQuery({
    queryKey: ['explain', workflow, contact, event],
    enabled: workflow !== null && contact !== null,
    queryFn: () =>
      ok(
        api.GET('/v1/workflows/{ref}/explain', {
          params: {
            path: { ref: workflow ?? '' },
            query: { contact: contact ?? '', ...(event === null ? {} : { event }) },
          },
        }),
      ),
    staleTime: 0,
  });
}
