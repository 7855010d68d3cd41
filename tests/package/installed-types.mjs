import { cpSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('.', import.meta.resolve('qkv/package.json')));
const EXPECT_TYPE = fileURLToPath(new URL('..', import.meta.resolve('expect-type')));

/** Makes a user's project in a new folder: the package and expect-type are installed, nothing else. */
export function installForTypes() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-types-')));
  const installed = join(folder, 'node_modules/qkv');
  mkdirSync(installed, { recursive: true });
  for (const name of ['package.json', 'dist'])
    cpSync(join(PACKAGE, name), join(installed, name), { recursive: true });
  cpSync(EXPECT_TYPE, join(folder, 'node_modules/expect-type'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  return folder;
}
