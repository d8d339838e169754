// The first load's JavaScript of each page, gzipped, against the budget: the entry, the page's own chunk
// and all that these import at once. What a page loads later (charts, editors) is not part of it.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 350;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist))).length / 1024;
const reached = (chunk, seen = new Set()) => {
  if (!seen.has(chunk)) {
    seen.add(chunk);
    for (const next of manifest[chunk].imports ?? []) reached(next, seen);
  }
  return seen;
};
const sum = (chunks) =>
  [...new Set([...chunks].map((chunk) => manifest[chunk].file))]
    .filter((file) => file.endsWith('.js'))
    .reduce((total, file) => total + gzipped(file), 0);

const entry = Object.keys(manifest).find((name) => manifest[name].isEntry);
const shared = reached(entry);
const pages = Object.keys(manifest)
  .filter((name) => /^src\/pages\/[^/]+\/index\.tsx$/.test(name))
  .map((name) => ({ name, kb: sum(reached(name, new Set(shared))) }))
  .sort((one, other) => other.kb - one.kb);

console.log(`shell: ${sum(shared).toFixed(1)} KB`);
for (const { name, kb } of pages) console.log(`${kb.toFixed(1).padStart(6)} KB  ${name}`);
const largest = pages[0]?.kb ?? sum(shared);
if (largest > BUDGET_KB) {
  console.error(`The first load takes ${largest.toFixed(1)} KB; ${BUDGET_KB} KB are allowed.`);
  process.exit(1);
}
