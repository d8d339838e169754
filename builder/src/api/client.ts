/** The API, typed by its own OpenAPI document: `await ok(api.GET('/v1/workflows'))`. */

import createClient, { type Middleware } from 'openapi-fetch';
import { watchedFetch } from './connection';
import { problemOf } from './problem';
import type { components, paths } from './schema';

/** A model of the API by its name: `Model<'WorkflowOut'>`. */
export type Model<Name extends keyof components['schemas']> = components['schemas'][Name];

let csrfToken: string | null = null;

/** The token that shows that a change was asked for by this app. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== null && request.method !== 'GET') {
      request.headers.set('X-CSRF-Token', csrfToken);
    }
    return request;
  },
};

export const api = createClient<paths>({ credentials: 'same-origin', fetch: watchedFetch });
api.use(csrf);

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

/** What a call answered; throws a `Problem` when it failed. */
export async function ok<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw problemOf(response.status, error, response.headers.get('Retry-After'));
  // An answer without a body (204) has type `undefined` for its data.
  return data as Data;
}

/** Sends a file as the body, saying how much of it is gone: `fetch` cannot tell. */
export function upload<Data>(
  path: string,
  file: Blob,
  type: string,
  onSent: (part: number) => void,
): Promise<Data> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('Content-Type', type);
    if (csrfToken !== null) request.setRequestHeader('X-CSRF-Token', csrfToken);
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 1);
    request.onerror = () => reject(new TypeError('Failed to fetch'));
    request.onload = () => {
      const { status, responseText } = request;
      try {
        const answer: unknown = responseText === '' ? undefined : JSON.parse(responseText);
        if (status >= 400)
          throw problemOf(status, answer, request.getResponseHeader('Retry-After'));
        resolve(answer as Data);
      } catch (error) {
        // What a proxy says when it refuses a large file is no JSON.
        reject(error instanceof SyntaxError ? problemOf(status, null) : error);
      }
    };
    request.send(file);
  });
}
