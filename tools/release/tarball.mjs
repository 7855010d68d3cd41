// Checks a tarball: its files, and whether the package works after installation.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { VARIANTS } from '../build.mjs';
import { npm } from '../install.mjs';
import { StepFailed } from '../long-step.mjs';

const REQUIRED = ['LICENSE', 'CHANGELOG.md', 'README.md', 'sbom.cdx.json', 'package.json'];

/** Unpacks the tarball into `folder`. Returns the contents of its files, by name. */
export function unpack(tarball, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const args = ['--extract', '--gzip', `--file=${tarball}`, `--directory=${folder}`];
  const { status, stderr } = spawnSync('tar', [...args, '--strip-components=1'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new StepFailed(`tar: ${stderr}`);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(paths.map((path) => [relative(folder, path), readFileSync(path)]));
}

/** A line for each file that is missing or empty. */
export function missingFrom(files) {
  const required = [...REQUIRED, ...VARIANTS.map((variant) => `dist/qkv.${variant}.wasm`)];
  const missing = required.filter((name) => !(files.get(name)?.length > 0));
  return missing.map((name) => `${name} is not in the tarball`);
}

/** A line for each file in which two packages differ. */
export function differences(one, other) {
  const names = new Set([...one.keys(), ...other.keys()]);
  const differing = [...names].filter((name) => {
    const [left, right] = [one.get(name), other.get(name)];
    return !(left && right && left.equals(right));
  });
  return differing.map((name) => `${name} differs between two builds`);
}

// semantics.md: 8.985929298, 9.985929298.
const WORKED_EXAMPLE = `
  import { createAttention } from 'qkv';
  const attention = await createAttention();
  const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output;
  console.log(data[0].toFixed(5), data[1].toFixed(5));`;
const NUMBERS = '8.98593 9.98593';

/** Installs the tarball into an empty folder without a network, and uses it. Returns the problems. */
export function problemsInUse(tarball) {
  const folder = mkdtempSync(join(tmpdir(), 'qkv-release-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{"private": true, "type": "module"}');
    const { file, args } = npm('install', '--offline', '--no-audit', '--no-fund', tarball);
    const env = { ...process.env, npm_config_cache: join(folder, 'cache') };
    execFileSync(file, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
    writeFileSync(join(folder, 'example.mjs'), WORKED_EXAMPLE);
    const printed = execFileSync(process.execPath, ['example.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return printed.trim() === NUMBERS ? [] : [`the worked example gives ${printed.trim()}`];
  } catch (error) {
    return [`it cannot be used: ${error.stderr || error.message}`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
