// Runs clang-format and clang-tidy on the project's C++.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurePreset, logOf } from './build.mjs';
import { PROJECT } from './project.mjs';
import { findToolchain } from './toolchain.mjs';

const FOLDERS = ['src', 'bindings', 'tests', 'examples', 'bench'];
const NATIVE = join(PROJECT, 'build/native');
const SEEN = join(PROJECT, 'build/logs/clang-tidy.seen');

/** The checks as [name, run()][]. With `write`, only clang-format, which then changes the files. */
export async function checkCpp({ write }) {
  const files = cppFiles();
  if (files.length === 0) return [];
  const toolchain = await findToolchain();
  const format = () => {
    const mode = write ? ['-i'] : ['--dry-run', '-Werror'];
    const args = [...mode, '--style=file', ...files];
    return toolchain.runQuietly('clang-format', 'clang-format-19', args, {
      log: logOf('clang-format'),
    });
  };
  if (write) return [['clang-format', format]];
  return [
    ['clang-format', format],
    ['clang-tidy', () => tidy(toolchain, files)],
  ];
}

// clang-tidy reads the files that the native build compiles. The binding needs Emscripten, so it is not among them.
async function tidy(toolchain, files) {
  await configurePreset(toolchain, 'native');
  const commands = JSON.parse(readFileSync(join(NATIVE, 'compile_commands.json'), 'utf8'));
  const compiled = commands
    .map(({ file }) => file)
    .filter((file) => files.includes(relativeTo(file)));
  const fingerprint = fingerprinter(files, commands);
  const seen = new Set(existsSync(SEEN) ? readFileSync(SEEN, 'utf8').split('\n') : []);
  const changed = [...new Set(compiled)].filter((file) => !seen.has(fingerprint(file)));
  if (changed.length > 0) {
    const patterns = changed.map((file) => `^${file.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&')}$`);
    const args = ['-p', NATIVE, '-quiet', ...patterns];
    const title = `clang-tidy (${changed.length} of ${new Set(compiled).size} files)`;
    await toolchain.runQuietly(title, 'run-clang-tidy-19', args, { log: logOf('clang-tidy') });
  }
  writeFileSync(SEEN, [...new Set(compiled)].map(fingerprint).join('\n'));
}

// clang-tidy reads a file again when the file, any header, its flags or the rules have changed.
function fingerprinter(files, commands) {
  const headers = files.filter((file) => file.endsWith('.hpp')).map((file) => join(PROJECT, file));
  const shared = createHash('sha256');
  for (const path of [join(PROJECT, '.clang-tidy'), ...headers]) shared.update(readFileSync(path));
  const rest = shared.digest('hex');
  const flagsOf = new Map(commands.map(({ file, command }) => [file, command]));
  return (file) => {
    const own = createHash('sha256').update(rest).update(flagsOf.get(file));
    return own.update(readFileSync(file)).digest('hex');
  };
}

function relativeTo(file) {
  return file.startsWith(`${PROJECT}/`) ? file.slice(PROJECT.length + 1) : file;
}

function cppFiles() {
  const within = (folder) => {
    const path = join(PROJECT, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
      const name = join(folder, entry.name);
      if (entry.isDirectory()) return /^(node_modules|dist)$/.test(entry.name) ? [] : within(name);
      return /\.[ch]pp$/.test(entry.name) ? [name] : [];
    });
  };
  return FOLDERS.flatMap(within).sort();
}
