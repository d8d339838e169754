import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** `npm run dev` serves the app with hot reload and sends everything else to this API. */
const target = process.env.SOJOURN_API ?? 'http://127.0.0.1:8000';
/** A secret key to call it with, for trying a page without signing in. */
const key = process.env.SOJOURN_KEY;
const headers = key ? { Authorization: `Bearer ${key}` } : {};

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    // The size check reads which chunks the first load needs.
    manifest: true,
    // Inlined data URIs would need a looser content security policy.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/inbox', '/docs', '/healthz'].map((path) => [path, { target, headers }]),
    ),
  },
  test: { environment: 'node', include: ['src/**/*.test.{ts,tsx}'] },
});
