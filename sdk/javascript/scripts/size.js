// The whole browser build, in-app messages and all, gzipped, against the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 8 * 1024;
let worst = 0;
for (const file of ['sojourn.js', 'sojourn.mjs', 'service-worker.js', 'node.mjs']) {
  const bytes = readFileSync(new URL(`../dist/${file}`, import.meta.url));
  const gzipped = gzipSync(bytes, { level: 9 }).length;
  worst = Math.max(worst, gzipped);
  console.log(`${String(gzipped).padStart(6)} bytes gzipped (${bytes.length} plain)  ${file}`);
}
if (worst > BUDGET) {
  console.error(`${worst} bytes are more than the ${BUDGET} that are allowed.`);
  process.exit(1);
}
