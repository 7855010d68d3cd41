// The types as users' compilers see them: TypeScript 5.4, 5.9, 6 and 7, in the strictest mode, without
// skipLibCheck. api.ts and api-reported.ts compile, and each statement of types-wrong.mjs does not.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installPackages } from '../../tools/install.mjs';
import { installForTypes } from './installed-types.mjs';
import { WRONG } from './types-wrong.mjs';

const COMPILERS = fileURLToPath(new URL('../compilers', import.meta.url));
const { dependencies } = JSON.parse(readFileSync(join(COMPILERS, 'package.json')));
const RIGHT = ['api.ts', 'api-reported.ts'];
const RESOLUTIONS = {
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
  node16: { module: 'node16', moduleResolution: 'node16' },
};
const OPTIONS = {
  target: 'es2022',
  lib: ['es2022', 'dom'],
  types: [],
  noEmit: true,
  skipLibCheck: false,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

let folder;
before(async () => {
  await installPackages(COMPILERS, 'TypeScript versions for tests');
  folder = installForTypes();
  for (const name of RIGHT) copyFileSync(new URL(name, import.meta.url), join(folder, name));
  for (const [i, [, statement]] of WRONG.entries())
    writeFileSync(
      join(folder, `wrong-${i}.ts`),
      `import { createAttention, QkvError } from 'qkv';
      import { createAttentionPool } from 'qkv/pool';
      const a = await createAttention();
      const q = [[1, 2]];
      const cache = a.createKVCache({ heads: 1, depth: 2 });
      ${statement}
      export { a, q, cache, QkvError, createAttentionPool };`,
    );
});
after(() => rmSync(folder, { recursive: true }));

/** The compiler's messages for each file of the project, and those that name no file of it. */
function compile(compiler, resolution) {
  const tsconfig = join(folder, `tsconfig.${compiler}.json`);
  const compilerOptions = { ...OPTIONS, ...RESOLUTIONS[resolution] };
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const tsc = join(COMPILERS, 'node_modules', compiler, 'bin/tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '--project', tsconfig], {
    cwd: folder,
    encoding: 'utf8',
  });
  const messages = new Map();
  let current = '';
  for (const line of `${stdout}${stderr}`.split('\n').filter(Boolean)) {
    if (!line.startsWith(' ')) current = /^([\w.-]+)\(\d+,\d+\): error/.exec(line)?.[1] ?? '';
    messages.set(current, `${messages.get(current) ?? ''}${line}\n`);
  }
  return messages;
}

for (const [compiler, version] of Object.entries(dependencies))
  for (const resolution of Object.keys(RESOLUTIONS))
    describe(`TypeScript ${version.split('@')[1]}, ${resolution}`, () => {
      let messages;
      before(() => {
        messages = compile(compiler, resolution);
      });

      test('the declarations have no error', () => assert.equal(messages.get(''), undefined));

      for (const name of RIGHT)
        test(`${name} compiles`, () => assert.equal(messages.get(name), undefined));

      test('wrong code does not compile, and the message says why', () => {
        for (const [i, [what, , says]] of WRONG.entries()) {
          const message = messages.get(`wrong-${i}.ts`);
          assert.ok(message, `${what} compiles`);
          assert.match(message, says, what);
        }
      });
    });
