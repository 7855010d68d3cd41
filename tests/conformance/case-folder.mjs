// The folder with ONNX's cases. It is not part of the project: it lies beside it or in QKV_ONNX_CASES, or is
// missing.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const NAMED = process.env.QKV_ONNX_CASES;
const FOLDER = NAMED ? resolve(NAMED) : join(PROJECT, '../shared/onnx-attention');

/** The reason to skip the cases, if there are none. A named folder must exist. */
export const MISSING =
  NAMED || existsSync(FOLDER)
    ? false
    : 'no ONNX cases here: ../shared/onnx-attention is missing, and QKV_ONNX_CASES names no folder';

/** Every case.json below the folder, parsed, with `bytes`: the contents of its files by name. */
export function readCases() {
  const files = readdirSync(FOLDER, { recursive: true }).map((name) => join(FOLDER, name));
  const cases = files.filter((file) => file.endsWith('case.json')).map(readCase);
  assert.ok(cases.length > 0, 'there are cases in the folder');
  const names = new Set(cases.map(({ name }) => name));
  assert.equal(names.size, cases.length, 'no two cases have the same name');
  for (const index of files.filter((file) => file.endsWith('index.json')))
    for (const { name } of JSON.parse(readFileSync(index, 'utf8')).cases)
      assert.ok(names.has(name), `${name}, which the index lists, is there`);
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readCase(file) {
  const description = JSON.parse(readFileSync(file, 'utf8'));
  const tensors = [...description.inputs, ...description.outputs];
  const bytes = tensors
    .filter(({ missing }) => !missing)
    .map(({ file: name, sha256 }) => [name, readChecked(join(dirname(file), name), sha256)]);
  return { ...description, bytes: Object.fromEntries(bytes) };
}

function readChecked(file, sha256) {
  const bytes = readFileSync(file);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined) assert.equal(actual, sha256, `${file} is as it was written`);
  return bytes;
}
