// Each check of a release finds its defect.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
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
import { copyrightIn, licenceIn } from '../../tools/release/licences.mjs';
import { linkedParts } from '../../tools/release/linked-parts.mjs';
import { problemsOf } from '../../tools/release/manifest.mjs';
import { describeMaterials } from '../../tools/release/sbom.mjs';
import { filesOf, sizeProblems, total } from '../../tools/release/size-budget.mjs';
import { differences, missingFrom, problemsInUse, unpack } from '../../tools/release/tarball.mjs';
import { versionProblems } from '../../tools/release/versions.mjs';
import { VARIANTS } from './variants.mjs';
import { ofVersion } from './wasm-file.mjs';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MANIFEST = JSON.parse(readFileSync(join(PROJECT, 'bindings/package.json'), 'utf8'));
const { version } = MANIFEST;

let folder;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-checks-')));
});
after(() => rmSync(folder, { recursive: true }));

/** A project in a folder of its own, as far as the checks read it, with changes to the texts of its files. */
function projectWith(changes = {}) {
  const project = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(project, 'bindings'));
  for (const path of [
    'CMakeLists.txt',
    'CHANGELOG.md',
    'README.md',
    'bindings/package.json',
    'bindings/dist',
  ])
    cpSync(join(PROJECT, path), join(project, path), { recursive: true });
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE'])
    cpSync(join(PROJECT, name), join(project, 'bindings', name));
  for (const [path, change] of Object.entries(changes)) {
    const before = readFileSync(join(project, path), 'utf8');
    const text = change(before);
    assert.notEqual(text, before, `${path} is not changed`);
    writeFileSync(join(project, path), text);
  }
  return project;
}

function packed(project) {
  const env = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', project];
  const options = {
    cwd: join(project, 'bindings'),
    encoding: 'utf8',
    env: Object.fromEntries(env),
  };
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { ...options, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  return join(project, filename);
}

test('the same version everywhere passes', () => {
  assert.deepEqual(versionProblems(projectWith()), []);
});

const OTHER_VERSIONS = {
  'bindings/package.json': (text) => text.replace(`"version": "${version}"`, '"version": "9.8.7"'),
  'CHANGELOG.md': (text) => text.replace(`## ${version}`, '## 9.8.7'),
};
for (const [path, change] of Object.entries(OTHER_VERSIONS)) {
  test(`another version in ${path} is found`, () => {
    const [problem, ...others] = versionProblems(projectWith({ [path]: change }));
    assert.match(problem, /9\.8\.7/);
    assert.ok(problem.includes(path), problem);
    assert.deepEqual(others, []);
  });
}

test('the .wasm of another release or variant is found', () => {
  const project = projectWith();
  const place = (variant) => join(project, `bindings/dist/qkv.${variant}.wasm`);
  writeFileSync(place('simd'), ofVersion('9.8.7', 'simd'));
  cpSync(place('scalar'), place('relaxed'));
  const problems = versionProblems(project).sort();
  assert.equal(problems.length, 2);
  assert.match(problems[0], /relaxed\.wasm.*scalar/);
  assert.match(problems[1], /simd\.wasm.*9\.8\.7/);
});

test('a tag must be the version, and the changelog dated', () => {
  const heading = new RegExp(`^## ${version}.*$`, 'm');
  const dated = (date) => ({
    'CHANGELOG.md': (text) => text.replace(heading, `## ${version} — ${date}`),
  });
  assert.deepEqual(versionProblems(projectWith(dated('2031-01-02')), `v${version}`), []);
  assert.match(
    versionProblems(projectWith(dated('2031-01-02')), 'v9.8.7').join(),
    /the tag: 9\.8\.7/,
  );
  assert.match(versionProblems(projectWith(dated('soon')), `v${version}`).join(), /'soon'/);
});

test('a file above its budget is found', () => {
  const project = projectWith();
  const dist = join(project, 'bindings/dist');
  const most = Math.max(...VARIANTS.map((variant) => total(filesOf(dist, variant))));
  assert.deepEqual(sizeProblems(dist, VARIANTS, most), []);
  assert.equal(sizeProblems(dist, VARIANTS, most - 1).length, 1);
  const comment = `\n// ${randomBytes(20_000).toString('base64')}\n`;
  writeFileSync(join(dist, 'index.js'), readFileSync(join(dist, 'index.js')) + comment);
  const problems = sizeProblems(dist, VARIANTS, most);
  assert.equal(problems.length, VARIANTS.length);
  const [, size] = /over the budget: index\.js (\d+) /.exec(problems[0]);
  assert.ok(Number(size) >= 20_000, 'no compressor makes random bytes fewer');
});

test('a wrong manifest is found, by each of the two tools', async () => {
  const lost = (text) =>
    text.replace('"default": "./dist/inline.d.ts"', '"default": "./dist/lost.d.ts"');
  const found = await problemsOf(packed(projectWith({ 'bindings/package.json': lost })));
  assert.match(found.join('\n'), /^publint: .*lost\.d\.ts/m);
  assert.match(found.join('\n'), /^types: .*\.\/inline/m);
});

test('a tarball without one of its files is found, and cannot be used', () => {
  const project = projectWith();
  for (const variant of VARIANTS) rmSync(join(project, `bindings/dist/qkv.${variant}.wasm`));
  const tarball = packed(project);
  const files = unpack(tarball, join(project, 'unpacked'));
  assert.deepEqual(missingFrom(files).sort(), [
    ...VARIANTS.map((variant) => `dist/qkv.${variant}.wasm is not in the tarball`).sort(),
    'sbom.cdx.json is not in the tarball',
  ]);
  assert.match(problemsInUse(tarball).join(), /ERR_WASM_NOT_FOUND/);
});

test('a right tarball can be used', () => {
  assert.deepEqual(problemsInUse(packed(projectWith())), []);
});

test('two builds that differ are found', () => {
  const build = (texts) =>
    new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
  const one = build({ same: 'a', other: 'b', 'only here': 'c' });
  const two = build({ same: 'a', other: 'B', 'only there': 'd' });
  assert.deepEqual(differences(one, one), []);
  assert.deepEqual(differences(one, two), [
    'other differs between two builds',
    'only here differs between two builds',
    'only there differs between two builds',
  ]);
});

test('licences are read, and a missing one is found', () => {
  const spdx = '// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception\n//===';
  assert.equal(licenceIn(spdx, 'a.c'), 'Apache-2.0 WITH LLVM-exception');
  assert.throws(() => licenceIn('All rights reserved.', 'b.c'), /b\.c names no licence/);
  assert.equal(
    copyrightIn(' * Copyright (c) Some Body *\n * Copyright 2001'),
    'Copyright (c) Some Body',
  );
});

test('the bill of materials names the linked parts, the same each time', async () => {
  const parts = await linkedParts(VARIANTS);
  const versions = Object.fromEntries(parts.map(({ name, version }) => [name, version]));
  for (const name of ['xsimd', 'emscripten', 'musl', 'emmalloc'])
    assert.match(versions[name] ?? '', /^\d+\.\d+\.\d+$/, name);
  const files = [{ name: 'dist/qkv.simd.wasm', content: Buffer.from('abc') }];
  const text = await describeMaterials(MANIFEST, parts, files);
  assert.equal(text, await describeMaterials(MANIFEST, parts, files));
  const { components, metadata, dependencies } = JSON.parse(text);
  assert.deepEqual(components.map(({ name }) => name).sort(), Object.keys(versions).sort());
  for (const { name, licenses } of components) assert.equal(licenses.length, 1, name);
  assert.equal(metadata.component.purl, `pkg:npm/qkv@${version}`);
  // FIPS 180-4, the digest of 'abc'.
  const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(metadata.component.components[0].hashes[0].content, digest);
  const { dependsOn } = dependencies.find(({ ref }) => ref === metadata.component.purl);
  assert.equal(dependsOn.length, components.length);
});

test('the package has no dependency, which the bill of materials would miss', async () => {
  const manifest = { ...MANIFEST, dependencies: { 'left-pad': '1' } };
  await assert.rejects(describeMaterials(manifest, [], []), /left-pad/);
});

test('workflows pin actions by commit, and only a tag publishes', () => {
  const read = (name) => readFileSync(join(PROJECT, '.github/workflows', name), 'utf8');
  for (const name of readdirSync(join(PROJECT, '.github/workflows'))) {
    const used = read(name).match(/\buses: .*/g);
    for (const line of used) assert.match(line, /@[0-9a-f]{40} # v\d/, name);
  }
  assert.match(read('release.yml'), /^on:\n {2}push:\n {4}tags: \['v\*'\]\n\w/m);
  assert.match(read('release.yml'), /id-token: write/);
  assert.doesNotMatch(read('ci.yml'), /write/);
});

for (const [where, env] of Object.entries({
  'a terminal': {},
  'another workflow': {
    GITHUB_ACTIONS: 'true',
    GITHUB_REF: `refs/tags/v${version}`,
    GITHUB_WORKFLOW_REF: `o/qkv/.github/workflows/ci.yml@refs/tags/v${version}`,
  },
  'a branch': {
    GITHUB_ACTIONS: 'true',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW_REF: 'o/qkv/.github/workflows/release.yml@refs/heads/main',
  },
})) {
  test(`nothing is published from ${where}`, () => {
    const outside = { ...process.env, GITHUB_ACTIONS: '', GITHUB_REF: '', GITHUB_WORKFLOW_REF: '' };
    const script = join(PROJECT, 'tools/release.mjs');
    const { status, stderr, stdout } = spawnSync(process.execPath, [script], {
      env: { ...outside, ...env },
      encoding: 'utf8',
    });
    assert.equal(status, 1);
    assert.match(stderr, /release\.yml.*--dry-run/s);
    assert.equal(stdout, '');
  });
}
