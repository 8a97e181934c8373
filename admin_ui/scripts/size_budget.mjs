// What a first visit downloads, measured as the server sends it (gzip). A budget that fails the
// build is cheaper than a slow page noticed by a customer.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const ENTRY_LIMIT_KIB = 180;
const LAZY_CHUNK_LIMIT_KIB = 120;

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));

function gzippedKib(file) {
  return gzipSync(readFileSync(`dist/${file}`)).length / 1024;
}

function filesOf(key, seen = new Set(), files = new Set()) {
  if (seen.has(key)) return files;
  seen.add(key);
  const chunk = manifest[key];
  files.add(chunk.file);
  for (const style of chunk.css ?? []) files.add(style);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen, files);
  return files;
}

const entryKey = Object.keys(manifest).find((key) => manifest[key].isEntry);
const entryFiles = filesOf(entryKey);
const entryKib = [...entryFiles].reduce((sum, file) => sum + gzippedKib(file), 0);
const failures = [];
process.stdout.write(`entry        ${entryKib.toFixed(1)} KiB of ${ENTRY_LIMIT_KIB}\n`);
if (entryKib > ENTRY_LIMIT_KIB) failures.push("entry");

for (const [key, chunk] of Object.entries(manifest)) {
  if (entryFiles.has(chunk.file) || !chunk.file.endsWith(".js")) continue;
  const kib = [chunk.file, ...(chunk.css ?? [])].reduce((sum, file) => sum + gzippedKib(file), 0);
  if (kib > 20) process.stdout.write(`${key}  ${kib.toFixed(1)} KiB of ${LAZY_CHUNK_LIMIT_KIB}\n`);
  if (kib > LAZY_CHUNK_LIMIT_KIB) failures.push(key);
}

if (failures.length > 0) {
  process.stdout.write(`over budget: ${failures.join(", ")}\n`);
  process.exit(1);
}
