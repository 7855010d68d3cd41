// Builds the package into dist/: the modules that CMake built, and the TypeScript as a few small files.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { glue } from './plugins/glue.mjs';
import { plainUrls } from './plugins/plain-urls.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const VARIANTS = ['relaxed', 'simd', 'scalar'];
const built = (variant, extension) =>
  at(`../build/wasm-${variant}/bindings/qkv.${variant}.${extension}`);

// One place says the version: CMakeLists.txt, whose modules carry it too. package.json must agree.
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

emptyDist();
for (const variant of VARIANTS)
  copyFileSync(built(variant, 'wasm'), at(`dist/qkv.${variant}.wasm`));
for (const name of ['LICENSE', 'CHANGELOG.md', 'README.md'])
  copyFileSync(at(`../${name}`), at(name));
// Of its own, so that a bundler leaves out all else where only QkvError is imported.
const ERRORS = { name: 'errors', test: /src[\\/]errors\.ts$/ };
await writeModules('index', { groups: [ERRORS] });
await writeModules('doctor', { external: ['./index.js'] });
writeTypes('index', 'doctor');

/** An entry and what it imports, in the chunks `groups`, but for what is `external`. */
async function writeModules(entry, { external = [], groups = [] }) {
  const bundle = await rolldown({
    input: { [entry]: at(`src/${entry}.ts`) },
    external,
    plugins: [glue(VARIANTS.map((variant) => built(variant, 'js'))), plainUrls()],
    platform: 'browser',
    transform: { target: 'es2022' },
  });
  await bundle.write({
    dir: at('dist'),
    format: 'es',
    minify: true,
    codeSplitting: { groups },
    chunkFileNames: '[name].js',
  });
  await bundle.close();
}

/** Declarations of what the entries lead to, and of nothing else. */
function writeTypes(...entries) {
  const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
  const options = ['--project', at('tsconfig.json'), '--emitDeclarationOnly'];
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const reached = new Set();
  const follow = (name) => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = readFileSync(at(`dist/${name}.d.ts`), 'utf8');
    for (const [, imported] of text.matchAll(/['"]\.\/([\w-]+)\.js['"]/g)) follow(imported);
  };
  for (const entry of entries) follow(entry);
  for (const file of readdirSync(at('dist'))) {
    if (file.endsWith('.d.ts') && !reached.has(file.slice(0, -'.d.ts'.length)))
      rmSync(at(`dist/${file}`));
  }
}

/** The folder stays, for those who watch it. */
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
