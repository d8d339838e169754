import { handlePushes, type WorkerScope } from './service-worker';

const worker = globalThis as unknown as WorkerScope & { skipWaiting(): Promise<void> };
worker.addEventListener('install', () => void worker.skipWaiting());
handlePushes(worker);
