import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Request {
  path: string;
  body: { batch?: { messageId: string; event?: string }[] } & Record<string, unknown>;
}
export interface Answer {
  status?: number;
  body?: object;
  headers?: Record<string, string>;
}

/** A server that answers as the test says, in the order said, and then that all is well. */
export async function api(...answers: (Answer | ((request: Request) => Answer))[]) {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    const request = { path: incoming.url ?? '', body: JSON.parse(text) };
    requests.push(request);
    const next = answers.shift() ?? {};
    const {
      status = 200,
      body = { success: true },
      headers,
    } = typeof next === 'function' ? next(request) : next;
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    host: `http://127.0.0.1:${port}`,
    requests,
    /** The names of the events of each batch. */
    events: () => requests.map(({ body }) => body.batch?.map(({ event }) => event)),
    close: () => new Promise((closed) => server.close(closed)),
  };
}
