// The published package: packed, installed offline into an empty folder, and used there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problemsOf } from '../../tools/release/manifest.mjs';
import { RUNNABLE, VARIANTS } from './variants.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let folder;
let packed;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-tarball-')));
  // Packing would build again, under the other tests: what is built is packed as it is.
  const args = ['pack', '--workspace', 'bindings', '--json', '--ignore-scripts'];
  [packed] = JSON.parse(npm([...args, '--pack-destination', folder], PROJECT));
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(join(app, 'package.json'), '{"private": true, "type": "module"}');
  npm(['install', '--offline', '--no-audit', '--no-fund', join(folder, packed.filename)], app);
});
after(() => rmSync(folder, { recursive: true }));

/** npm, untouched by the one that may run these tests. */
function npm(args, cwd) {
  const env = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    env: { ...Object.fromEntries(env), npm_config_cache: join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function run(script, cwd = join(folder, 'app')) {
  const file = join(cwd, 'script.mjs');
  writeFileSync(file, script);
  return execFileSync(process.execPath, [file], { cwd, encoding: 'utf8' });
}

test('holds the files that are used, and no others', () => {
  const paths = packed.files.map(({ path }) => path);
  // The bill of materials is of a release alone.
  const isOurs = (path) => !path.startsWith('dist/') && path !== 'sbom.cdx.json';
  const top = paths.filter(isOurs).sort();
  const required = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
  assert.deepEqual(top, required);
  for (const variant of VARIANTS) assert.ok(paths.includes(`dist/qkv.${variant}.wasm`), variant);
  assert.ok(paths.includes('dist/index.js') && paths.includes('dist/index.d.ts'));
  for (const path of paths) assert.match(path, /^[\w./-]+$/);
  assert.deepEqual(
    paths.filter((path) => /\.(ts|tsx|cpp|hpp|tsbuildinfo)$/.test(path) && !path.endsWith('.d.ts')),
    [],
  );
});

test('names no path of the machine it was built on', () => {
  const installed = join(folder, 'app/node_modules/qkv');
  for (const entry of readdirSync(installed, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const text = readFileSync(path, 'latin1');
    assert.ok(!text.includes(PROJECT), `${entry.name} names ${PROJECT}`);
    assert.doesNotMatch(text, /(^|["' ])\/(home|work|root|usr|tmp)\//m, entry.name);
    if (entry.name.endsWith('.map')) assert.doesNotMatch(text, /"sources":\["\//, entry.name);
    const map = /sourceMappingURL=(\S+\.map)/.exec(text)?.[1];
    if (map)
      assert.ok(
        packed.files.some(({ path }) => path.endsWith(map)),
        `${map} is missing`,
      );
  }
});

test('depends on nothing', () => {
  const installed = readdirSync(join(folder, 'app/node_modules')).filter((name) => name[0] !== '.');
  assert.deepEqual(installed, ['qkv']);
  const manifest = JSON.parse(readFileSync(join(folder, 'app/node_modules/qkv/package.json')));
  for (const name of ['dependencies', 'peerDependencies', 'optionalDependencies'])
    assert.deepEqual(manifest[name] ?? {}, {}, name);
  assert.equal(manifest.license, 'MIT');
  assert.equal(manifest.type, 'module');
  for (const name of ['preinstall', 'install', 'postinstall'])
    assert.equal(manifest.scripts?.[name], undefined, `${name} would run on the user's machine`);
});

for (const variant of VARIANTS) {
  test(`computes the worked example, ${variant}`, () => {
    const printed = run(`
      import { createAttention } from 'qkv';
      try {
        const attention = await createAttention({ variant: '${variant}' });
        const { data } = attention.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]]).output;
        console.log(attention.info.variant, data[0].toFixed(5), data[1].toFixed(5));
      } catch ({ code }) {
        console.log(code);
      }
    `);
    const expected = RUNNABLE.includes(variant) ? `${variant} 8.98593 9.98593` : 'ERR_UNSUPPORTED';
    assert.equal(printed, `${expected}\n`);
  });
}

test('computes the worked example on a pool of workers, and ends', () => {
  const printed = run(`
    import { QkvError } from 'qkv';
    import { createAttentionPool } from 'qkv/pool';
    const pool = await createAttentionPool({ workers: 2 });
    const { data } = (await pool.attend([[3, 4]], [[1, 2], [2, 3]], [[7, 8], [9, 10]])).output;
    const refusal = await pool.attend([[3, 4]], [[1]], [[7]]).catch((error) => error);
    console.log(data[0].toFixed(5), data[1].toFixed(5), refusal instanceof QkvError);
  `);
  assert.equal(printed, '8.98593 9.98593 true\n');
});

test('exports its .wasm files and its package.json, and hides the rest', () => {
  const printed = run(`
    const found = [];
    for (const name of ['qkv.relaxed.wasm', 'qkv.simd.wasm', 'qkv.scalar.wasm', 'package.json', 'dist/index.js'])
      try {
        import.meta.resolve('qkv/' + name);
        found.push(name);
      } catch ({ code }) {
        found.push(code);
      }
    console.log(found.join(' '));
  `);
  assert.equal(
    printed,
    'qkv.relaxed.wasm qkv.simd.wasm qkv.scalar.wasm package.json ERR_PACKAGE_PATH_NOT_EXPORTED\n',
  );
});

test('publint and "are the types wrong?" are silent', async () => {
  assert.deepEqual(await problemsOf(join(folder, packed.filename)), []);
});
