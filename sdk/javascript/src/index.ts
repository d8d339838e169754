/** For browsers. `start({ writeKey, host })` is all it takes. */
export { Sojourn, start } from './client';
export type { Person } from './identity';
export type { Actions, InAppOptions, Message, Render } from './in-app/types';
export type { Options } from './options';
export { localStore, memoryStore, type Store } from './storage';
export type { CallOptions, Dropped, Properties } from './types';
