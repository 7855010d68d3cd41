// Runs a module in contexts that lack what a host may lack. Started as a program, it is these hosts.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const HERE = fileURLToPath(import.meta.url);
/** What the platform gives beside the language. */
const PLATFORM = [
  ...['AbortController', 'AbortSignal', 'Blob', 'Response', 'TextDecoder', 'TextEncoder', 'URL'],
  ...['console', 'fetch', 'navigator', 'performance', 'process', 'queueMicrotask', 'setTimeout'],
  'structuredClone',
];
/** What comes with one of these. Timers of both kinds are everywhere that workers are. */
const COMPANIONS = { process: ['setInterval', 'clearInterval'], setTimeout: ['clearTimeout'] };
/** What a context has by itself, and an older or smaller engine has not. */
const LANGUAGE = ['FinalizationRegistry', 'SharedArrayBuffer', 'WeakRef', 'WebAssembly'];
const ADDRESS = 'import.meta.url';
/** Each of these may be missing. */
export const PARTS = [...PLATFORM, ...LANGUAGE, ADDRESS];

/**
 * The default export of the module `source`, which may await, in each host. A host is a list of the parts that it
 * lacks. The package is resolved with the `conditions`.
 */
export function runIn(hosts, source, conditions = []) {
  const flags = conditions.map((condition) => `--conditions=${condition}`);
  const args = ['--no-warnings', '--experimental-vm-modules', ...flags, HERE];
  const given = JSON.stringify({ hosts, source });
  return JSON.parse(execFileSync(process.execPath, [...args, given], { encoding: 'utf8' }));
}

async function evaluate(lacks, source) {
  const context = contextWithout(lacks);
  const initializeImportMeta = (meta, { identifier }) => {
    if (!lacks.includes(ADDRESS)) meta.url = identifier;
  };
  const moduleOf = (text, identifier) =>
    new vm.SourceTextModule(text, { context, identifier, initializeImportMeta });
  const modules = new Map();
  const load = (url) => {
    if (!modules.has(url)) {
      const content = readFileSync(new URL(url));
      const isCompiled = url.endsWith('.wasm'); // workerd gives the module, not the bytes
      modules.set(url, isCompiled ? compiled(content, context) : moduleOf(String(content), url));
    }
    return modules.get(url);
  };
  const program = moduleOf(source, import.meta.url);
  await program.link((name, { identifier }) =>
    load(name.startsWith('.') ? new URL(name, identifier).href : import.meta.resolve(name)),
  );
  await program.evaluate();
  return program.namespace.default;
}

function contextWithout(lacks) {
  const names = PLATFORM.filter((name) => !lacks.includes(name));
  const all = [...names, ...names.flatMap((name) => COMPANIONS[name] ?? [])];
  const context = vm.createContext(Object.fromEntries(all.map((name) => [name, globalThis[name]])));
  for (const name of LANGUAGE)
    if (lacks.includes(name)) vm.runInContext(`delete globalThis.${name}`, context);
  return context;
}

/** A module whose default export is the compiled `content`; undefined if the engine lacks its instructions. */
function compiled(content, context) {
  const compile = vm.runInContext(
    '(bytes) => new WebAssembly.Module(Uint8Array.from(bytes))',
    context,
  );
  const module = WebAssembly.validate(content) ? compile(content) : undefined;
  const evaluate = function () {
    this.setExport('default', module);
  };
  return new vm.SyntheticModule(['default'], evaluate, { context });
}

if (process.argv[1] === HERE) {
  const { hosts, source } = JSON.parse(process.argv[2]);
  const results = [];
  for (const lacks of hosts) results.push(await evaluate(lacks, source));
  console.log(JSON.stringify(results));
}
