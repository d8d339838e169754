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
