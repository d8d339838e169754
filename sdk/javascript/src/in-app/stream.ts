export interface ServerEvent {
  event?: string;
  data: string;
  id?: string;
}

/**
 * The server-sent events of a response. `EventSource` would do, but cannot send the key in a header,
 * and addresses end up in logs. Calls `alive` for each piece, comments among them.
 */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  alive: () => void,
): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    alive();
    rest += decoder.decode(value, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      // JSON is one line, so no field comes twice.
      const fields = block.split(/\r?\n/).map((line) => line.split(/: ?(.*)/).slice(0, 2));
      const event: ServerEvent = Object.fromEntries(fields);
      if (event.data) yield event;
    }
  }
}
