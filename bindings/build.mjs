// Builds the package into dist/: the TypeScript, and the modules that CMake built.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const VARIANTS = ['relaxed', 'simd', 'scalar'];

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

mkdirSync(at('dist'), { recursive: true });
for (const variant of VARIANTS) {
  const built = (extension) => at(`../build/wasm-${variant}/bindings/qkv.${variant}.${extension}`);
  copyFileSync(built('wasm'), at(`dist/qkv.${variant}.wasm`));
  // The loader asks the glue for its version, as it does the .wasm.
  const glue = `${readFileSync(built('js'), 'utf8')}\nexport const version = '${version}';\n`;
  writeFileSync(at(`dist/qkv.${variant}.js`), glue);
  writeIfChanged(
    `src/qkv.${variant}.d.ts`,
    'declare const factory: unknown;\nexport default factory;\nexport declare const version: string;\n',
  );
}
for (const name of ['LICENSE', 'CHANGELOG.md', 'README.md'])
  copyFileSync(at(`../${name}`), at(name));

const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const { status } = spawnSync(process.execPath, [tsc, '--project', at('tsconfig.json')], {
  stdio: 'inherit',
});
process.exit(status ?? 1);

function writeIfChanged(path, text) {
  let before;
  try {
    before = readFileSync(at(path), 'utf8');
  } catch {}
  if (before !== text) writeFileSync(at(path), text);
}
