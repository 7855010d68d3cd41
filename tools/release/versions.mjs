// Checks that all places name the same version.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VARIANTS } from '../build.mjs';

/**
 * One line for each place that disagrees with CMakeLists.txt. `project` is a folder where the project is
 * built. `tag` is the release's tag, if there is one; then the changelog must have a date.
 */
export function versionProblems(project, tag) {
  const read = (path) => readFileSync(join(project, path), 'utf8');
  const version = /project\(qkv VERSION ([\d.]+)/.exec(read('CMakeLists.txt'))?.[1];
  if (!version) return ['CMakeLists.txt has no version'];

  const [, heading, date] = /^## (\S+)(?: — (.+))?$/m.exec(read('CHANGELOG.md')) ?? [];
  const said = {
    'bindings/package.json': JSON.parse(read('bindings/package.json')).version,
    'the first heading of CHANGELOG.md': heading,
    ...Object.fromEntries(VARIANTS.map((variant) => sayingOf(project, variant))),
    ...(tag !== undefined && { 'the tag': tag.replace(/^v/, '') }),
  };
  const others = Object.entries(said).filter(([, found]) => found !== version);
  const problems = others.map(([where, found]) => `${where}: ${found}, not ${version}`);
  if (tag !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(date ?? ''))
    problems.push(`CHANGELOG.md: '${date}' where the date of ${version} should be`);
  return problems;
}

/** The version in the custom section of a .wasm. The loader compares it with its own. */
function sayingOf(project, variant) {
  const path = `bindings/dist/qkv.${variant}.wasm`;
  const bytes = readFileSync(join(project, path), 'latin1');
  const [, version, name] = /qkv(\d+\.\d+\.\d+\S*) (\w+)/.exec(bytes) ?? [];
  return [path, name === variant ? version : `${version} of variant '${name}'`];
}
