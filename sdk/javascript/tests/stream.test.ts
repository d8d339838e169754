import { expect, test } from 'vitest';
import { type ServerEvent, serverEvents } from '../src/in-app/stream';

async function read(...chunks: (string | Uint8Array)[]) {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      controller.close();
    },
  });
  let alive = 0;
  const tick = () => {
    alive += 1;
  };
  const events: ServerEvent[] = [];
  for await (const event of serverEvents(body, tick)) events.push(event);
  return { events, alive };
}

test('events have their name, data and id', async () => {
  const { events } = await read('retry: 2000\n\nid: 7\nevent: message\ndata: {"id": "a: b"}\n\n');
  expect(events).toEqual([{ id: '7', event: 'message', data: '{"id": "a: b"}' }]);
});

test('comments tell that the stream is alive, and nothing else', async () => {
  expect(await read(': \n\n', ':\n\n')).toEqual({ events: [], alive: 2 });
});

test('events and letters may come in pieces', async () => {
  const bytes = new TextEncoder().encode('event: x\r\ndata: "é"\r\n\r\nevent: y\ndata: 1\n\n');
  const pieces = [...bytes].map((byte) => Uint8Array.of(byte));
  expect((await read(...pieces)).events).toEqual([
    { event: 'x', data: '"é"' },
    { event: 'y', data: '1' },
  ]);
});

test('half an event at the end is none', async () => {
  expect((await read('event: x\ndata: 1\n')).events).toEqual([]);
});
