// The SDK as a module and as a script for pages, the module for servers, and a ready service worker.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const home = new URL('..', import.meta.url);
const at = (path) => fileURLToPath(new URL(path, home));
const targets = [
  { entry: 'src/index.ts', file: 'sojourn.mjs', format: 'es' },
  { entry: 'src/index.ts', file: 'sojourn.js', format: 'iife', name: 'sojourn' },
  { entry: 'src/node.ts', file: 'node.mjs', format: 'es' },
  { entry: 'src/service-worker.ts', file: 'service-worker.mjs', format: 'es' },
  {
    entry: 'src/service-worker-main.ts',
    file: 'service-worker.js',
    format: 'iife',
    name: 'sojourn',
  },
];

/** Properties that no caller, browser or server knows by name; shortened, as `#private` ones are. */
const INTERNAL =
  /^(transport|listener|around|outbox|sessions|addRequest|flushNow|sessionBegan|happened|looked|arrived|withdrawn|begun|expire|touch|written|lockName|drop|leave)$/;

await rm(at('dist'), { recursive: true, force: true });
for (const { entry, file, format, name } of targets) {
  await build({
    root: at('.'),
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      emptyOutDir: false,
      // A library's module is left readable by default; here every byte counts.
      minify: 'oxc',
      lib: { entry: at(entry), formats: [format], name, fileName: () => file },
      rolldownOptions: {
        output: {
          minify: {
            compress: true,
            codegen: true,
            mangle: true,
            mangleProps: { include: INTERNAL },
          },
          esModule: false,
          generatedCode: { symbols: false },
        },
      },
    },
  });
}
