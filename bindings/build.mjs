// Builds the package into dist/: copies the modules that CMake built, and bundles the TypeScript.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { copyDeclarations, writeDeclarations } from './declarations.mjs';
import { glue } from './plugins/glue.mjs';
import { terser } from './plugins/terser.mjs';
import { wasmBytes } from './plugins/wasm-bytes.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const VARIANTS = ['relaxed', 'simd', 'scalar'];
const built = (variant, extension) => at(`../build/wasm-${variant}/bindings/qkv.${extension}`);

// CMakeLists.txt defines the version, and the modules carry it. package.json must agree.
const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
const [, inCMake] = /project\(qkv VERSION ([\d.]+)/.exec(
  readFileSync(at('../CMakeLists.txt'), 'utf8'),
);
if (version !== inCMake)
  throw new Error(`version ${version} in package.json, ${inCMake} in CMakeLists.txt`);
writeIfChanged(
  'src/version.ts',
  `// Written by build.mjs.\nexport const VERSION = '${version}';\n`,
);
writeIfChanged(
  'src/loading/glue.d.ts',
  `// Written by Emscripten (--emit-tsd).\n${readFileSync(built('simd', 'd.ts'), 'utf8')}`,
);

emptyDist();
for (const variant of VARIANTS)
  copyFileSync(built(variant, 'wasm'), at(`dist/qkv.${variant}.wasm`));
copyFileSync(at('src/wasm.d.ts'), at('dist/wasm.d.ts'));
for (const name of ['LICENSE', 'CHANGELOG.md', 'README.md'])
  copyFileSync(at(`../${name}`), at(name));

const INDEX = at('src/index.ts');
const CJS = at('dist/cjs');
// The modules that may be imported.
const ENTRIES = ['index', 'doctor', 'pool/index'].filter((name) =>
  existsSync(at(`src/${name}.ts`)),
);
// Errors get a file of their own: where only QkvError is imported, a bundler drops the rest. Everything else
// that index.ts imports is in a second file, which other entries share.
const SHARED = {
  codeSplitting: {
    groups: [
      { name: 'errors', test: (id) => id === at('src/errors.ts'), priority: 1 },
      { name: ofIndex, debugName: 'attention' },
    ],
  },
};
await write(ENTRIES, 'beside', SHARED);
// For require(). Jest and Node before 20.19 load no ES modules with it.
await write(ENTRIES, 'inside', { ...SHARED, dir: CJS, format: 'cjs', intro: addressInCommonJS });
writeFileSync(join(CJS, 'package.json'), '{ "type": "commonjs", "sideEffects": false }\n');
// One file that can be copied beside any bundle.
await write(['pool/worker'], 'given');
await write(['inline'], 'inside');
await write(['index'], 'imported', { entryFileNames: 'workerd.js' });
await write(['index'], 'inside', {
  entryFileNames: 'qkv.iife.js',
  format: 'iife',
  name: 'qkv',
});
writeDeclarations(
  at('dist'),
  [...ENTRIES, 'inline', 'wasm'].map((name) => `${name}.d.ts`),
);
copyDeclarations(at('dist'), CJS);

/**
 * Bundles each of these modules of src into a file, and what they share into further files. They find
 * the .wasm by src/loading/wasm-<source>.ts.
 */
async function write(names, source, { format = 'es', dir = at('dist'), ...output } = {}) {
  const bundle = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, at(`src/${name}.ts`)])),
    resolve: { alias: { './wasm-beside.js': at(`src/loading/wasm-${source}.ts`) } },
    external: (id) => id.endsWith('.wasm'),
    makeAbsoluteExternalsRelative: false,
    plugins: [
      glue(VARIANTS.map((variant) => built(variant, 'js'))),
      wasmBytes((variant) => built(variant, 'wasm')),
      terser(format),
    ],
    platform: 'browser',
    checks: { pluginTimings: false }, // minifying is the time
    transform: {
      target: 'es2022',
      define: format === 'cjs' ? { 'import.meta.url': 'moduleAddress' } : {},
    },
  });
  const files = { entryFileNames: '[name].js', chunkFileNames: '[name].js' };
  await bundle.write({ dir, format, minify: false, ...files, ...output });
  await bundle.close();
}

/**
 * What stands for import.meta.url in CommonJS: the script of a pool's workers, which alone is looked for. Tracers of
 * files follow __dirname with a path. Bundlers for browsers must not see an import of node:url.
 */
function addressInCommonJS({ name, isEntry }) {
  if (!isEntry || name === 'index') return '';
  const script = `/${'../'.repeat(name.split('/').length)}pool/worker.js`;
  return `let moduleAddress;
    if (typeof __dirname === 'string')
      moduleAddress = globalThis.process
        ?.getBuiltinModule?.('node:url')
        ?.pathToFileURL(__dirname + '${script}').href;`;
}

function ofIndex(id, graph) {
  const importers = (module) => graph.getModuleInfo(module)?.importers ?? [];
  const leadingTo = new Set([id]);
  for (const module of leadingTo) for (const importer of importers(module)) leadingTo.add(importer);
  return id !== INDEX && leadingTo.has(INDEX) ? 'attention' : null;
}

/** Keeps the folder itself, because other programs may watch it. */
function emptyDist() {
  mkdirSync(at('dist'), { recursive: true });
  for (const file of readdirSync(at('dist'))) rmSync(at(`dist/${file}`), { recursive: true });
}

function writeIfChanged(path, text) {
  let before;
  try {
    before = readFileSync(at(path), 'utf8');
  } catch {}
  if (before !== text) writeFileSync(at(path), text);
}
