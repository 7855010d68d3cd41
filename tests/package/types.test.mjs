// The types as a user's compiler sees them, without skipLibCheck: code that must compile, and code that must not.

import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const PACKAGE = fileURLToPath(new URL('.', import.meta.resolve('qkv/package.json')));

let folder;
before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'qkv-types-')));
  const installed = join(folder, 'node_modules/qkv');
  mkdirSync(installed, { recursive: true });
  for (const name of ['package.json', 'dist'])
    cpSync(join(PACKAGE, name), join(installed, name), { recursive: true });
  const expectType = join(folder, 'node_modules/expect-type');
  cpSync(fileURLToPath(new URL('..', import.meta.resolve('expect-type'))), expectType, {
    recursive: true,
  });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
after(() => rmSync(folder, { recursive: true }));

/** Messages of the compiler for each module, in strict mode. */
function compile(sources, options) {
  const files = sources.map((source, i) => {
    const file = join(folder, `module-${i}.ts`);
    writeFileSync(file, source);
    return file;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    types: [],
    ...options,
  });
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const text = ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n');
  const elsewhere = diagnostics.filter(({ file }) => !files.includes(file?.fileName));
  assert.deepEqual(elsewhere.map(text), [], 'what is wrong in the declarations');
  return files.map((name) => diagnostics.filter(({ file }) => file.fileName === name).map(text));
}

const RESOLUTIONS = {
  bundler: {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
  node16: {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  },
};
const BROWSER = { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] };

// [what is wrong, the statement, what the compiler says]
const WRONG = [
  ['an option that does not exist', 'a.attend(q, q, q, { isCasual: true });', /isCausal/],
  ['one of a trace', 'a.trace(q, q, q, { isCasual: true });', /isCausal/],
  ['one of a cache', 'a.createKVCache({ heads: 1, depth: 2, fxied: true });', /fixed/],
  ['one of creating', 'await createAttention({ varaint: "simd" });', /variant/],
  ['an option of another type', "a.attend(q, q, q, { scale: '1' });", /string.*number/],
  ['a layout that does not exist', "a.attend(q, q, q, { layout: 'bshd' });", /bshd/],
  ['a capture that does not exist', "a.attend(q, q, q, { capture: ['weight'] });", /weight/],
  ['a name for a list', "a.attend(q, q, q, { capture: 'weights' });", /string|weights/],
  ['a variant that does not exist', "await createAttention({ variant: 'avx' });", /avx/],
  ['a ragged query', 'a.attend([[1, 2], [3]], q, q);', /Ragged: every row/],
  ['a ragged key', 'a.attend(q, [[1, 2], [3]], q);', /Ragged/],
  ['a ragged value', 'a.attend(q, q, [[1], [2, 3]]);', /Ragged/],
  ['a ragged trace', 'a.trace(q, q, [[1], [2, 3]]);', /Ragged/],
  ['ragged heads', 'a.attend([[[1, 2]], [[3, 4], [5, 6]]], q, q);', /Ragged/],
  ['ragged rows of heads', 'a.attend([[[1, 2], [3, 4]], [[3, 4], [5]]], q, q);', /Ragged/],
  ['ragged batches', 'a.attend([[[[1]]], [[[1, 2]]]], q, q);', /Ragged/],
  ['a ragged constant', 'const r = [[1], [2, 3]] as const; a.attend(r, q, q);', /Ragged/],
  ['a ragged query of a cache', 'a.attend([[1, 2], [3]], cache);', /Ragged/],
  ['rows of differing rank', 'a.attend([[1], 2], q, q);', /number/],
  [
    'data of integers',
    'a.attend({ data: new Int32Array(2), shape: [1, 2] }, q, q);',
    /Int32Array|Float32Array/,
  ],
  ['data without a shape', 'a.attend({ data: new Float32Array(2) }, q, q);', /shape/],
  ['an array without a shape', 'a.attend(new Float32Array(2), q, q);', /./],
  ['strings for numbers', "a.attend([['1']], q, q);", /string/],
  ['numbers for a mask', 'a.attend(q, q, q, { mask: [[1, 0]] });', /number.*boolean/s],
  ['a missing value', 'a.attend(q, q);', /KVCache|arguments/],
  ['no value', 'a.attend(q, q, undefined);', /undefined|KVCache/],
  ['a cache and a value', 'a.attend(q, cache, q);', /KVCache|AttentionOptions|properties/],
  ['a fourth argument beside a cache', 'a.attend(q, cache, {}, {});', /KVCache|TensorInput/],
  ['values without keys', 'cache.append(q);', /2 arguments/],
  ['a cache without a depth', 'a.createKVCache({ heads: 1 });', /depth/],
  ['a capture that may be missing', 'a.attend(q, q, q).weights.data;', /undefined/],
  [
    'a capture other than was asked for',
    "a.attend(q, q, q, { capture: ['logSumExp'] }).weights.data;",
    /undefined/,
  ],
  ['a layout of merge that does not exist', "a.merge([], { layout: 'bldh' });", /bldh/],
  [
    'writing to a result',
    'a.attend(q, q, q).output = { data: new Float32Array(1), shape: [1] };',
    /read-only/,
  ],
  ['writing to info', "a.info.variant = 'simd';", /read-only/],
  ['a result that is awaited', '(await createAttentionPool()).attend(q, q, q).output;', /output/],
  ['an option of a pool alone', 'await createAttention({ workers: 2 });', /workers/],
  ['a code that does not exist', "new QkvError('ERR_OTHER', {});", /ERR_OTHER/],
];

for (const [name, resolution] of Object.entries(RESOLUTIONS)) {
  test(`${name}: right code compiles, with the browser's libraries only`, () => {
    const right = readFileSync(new URL('api.ts', import.meta.url), 'utf8');
    assert.deepEqual(compile([right], { ...resolution, ...BROWSER }), [[]]);
  });

  test(`${name}: wrong code does not compile`, () => {
    const sources = WRONG.map(
      ([, statement]) => `import { createAttention, QkvError } from 'qkv';
        import { createAttentionPool } from 'qkv/pool';
        const a = await createAttention();
        const q = [[1, 2]];
        const cache = a.createKVCache({ heads: 1, depth: 2 });
        ${statement}
        export { a, q, cache, QkvError, createAttentionPool };`,
    );
    const messages = compile(sources, { ...resolution, ...BROWSER });
    for (const [i, [what, , says]] of WRONG.entries()) {
      assert.notDeepEqual(messages[i], [], `${what} compiles`);
      assert.match(messages[i].join('\n'), says, what);
    }
  });
}

test('`using` compiles, with the library esnext.disposable', () => {
  const source = `import { createAttention } from 'qkv';
    using attention = await createAttention();
    using tensor = attention.tensor([1]);
    console.log(tensor.data);`;
  const options = { ...RESOLUTIONS.bundler, target: ts.ScriptTarget.ESNext };
  assert.deepEqual(compile([source], options), [[]]);
});

// [where, with | at the place in question; the name; what its documentation says]
const COMPLETIONS = [
  ['attention.attend(q, q, q, { | })', 'queryOffset', /Position of query 0 .*bottom-right/s],
  ['attention.attend(q, q, q, { | })', 'isCausal', /only if j ≤ i \+ queryOffset/],
  ['attention.attend(q, q, q, { | })', 'capture', /Also return these/],
  ['attention.attend(q, cache, { | })', 'softcap', /tanh/],
  ['createAttention({ | })', 'timeout', /Milliseconds.*Default 60000/s],
  ['createAttention({ | })', 'deterministic', /Same bits/],
  ['attention.createKVCache({ | })', 'capacity', /Keys to reserve/],
  ['attention.rotaryEmbedding(q, { | })', 'base', /angles/],
  ['attention.|', 'attend', /softmax\(scale·Q·Kᵀ/],
  ['attention.|', 'trace', /Every intermediate/],
  ['attention.|', 'merge', /Exact combination/],
  ['attention.|', 'createKVCache', /decoding token by token/],
  ['attention.|', 'rotaryEmbedding', /arXiv:2104\.09864/],
  ['attention.|', 'tensor', /WebAssembly memory/],
  ['attention.|', 'dispose', /Frees everything/],
  ['attention.|', 'info', /The chosen variant/],
  ['attention.|', 'memory', /in bytes/],
  ['cache.|', 'append', /Appends n keys/],
  ['cache.|', 'truncate', /Drops the keys/],
  ["attention.attend(q, q, q, { capture: ['weights'] }).|", 'weights', /rows sum to 1/],
  ['create|', 'createAttention', /Loads one WebAssembly variant/],
];

test('completions and hovers show the documentation', () => {
  const file = join(folder, 'editor.ts');
  const before = `import { createAttention } from 'qkv';
    const attention = await createAttention();
    const q = [[1, 2]];
    const cache = attention.createKVCache({ heads: 1, depth: 2 });
    `;
  let text = '';
  let edits = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ ...RESOLUTIONS.bundler, ...BROWSER, strict: true, types: [] }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(edits) : '0'),
    getScriptSnapshot: (name) => {
      const contents = name === file ? text : ts.sys.readFile(name);
      return contents === undefined ? undefined : ts.ScriptSnapshot.fromString(contents);
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  const edit = (statement) => {
    text = before + statement;
    edits += 1;
  };
  for (const [marked, name, says] of COMPLETIONS) {
    edit(marked.replace('|', ''));
    const place = before.length + marked.indexOf('|');
    const details = service.getCompletionEntryDetails(
      file,
      place,
      name,
      {},
      undefined,
      {},
      undefined,
    );
    assert.ok(details, `${name} completes ${marked}`);
    assert.match(ts.displayPartsToString(details.documentation), says, marked);
    // The same with the pointer on the name, once it is written.
    const written = marked.includes('{ | }') ? `${name}: undefined` : name;
    const start = marked.endsWith('create|') ? before.length : place;
    edit(marked.replace('create|', '|').replace('|', written));
    const hover = service.getQuickInfoAtPosition(file, start + 1);
    assert.ok(hover, `${name} in ${marked}`);
    assert.match(ts.displayPartsToString(hover.documentation), says, `hovering ${name}`);
  }
  edit("attention.attend(q, q, q, { capture: [''] });");
  const inQuotes = text.lastIndexOf("''") + 1;
  const { entries } = service.getCompletionsAtPosition(file, inQuotes, {});
  const captures = ['logSumExp', 'scoresCapped', 'scoresMasked', 'scoresRaw', 'weights'];
  assert.deepEqual(entries.map(({ name }) => name).sort(), captures);
});

test('every public declaration is documented', () => {
  const program = ts.createProgram([join(folder, 'node_modules/qkv/dist/index.d.ts')], {
    ...RESOLUTIONS.bundler,
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(join(folder, 'node_modules/qkv/dist/index.d.ts'));
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(file));
  const names = exported.map(({ name }) => name);
  for (const name of ['createAttention', 'QkvError', 'Attention', 'AttentionOptions', 'Tensor'])
    assert.ok(names.includes(name), `${name} of ${names}`);
  const options = exported.find(({ name }) => name === 'AttentionOptions');
  const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(options));
  for (const property of type.getProperties())
    assert.notEqual(
      ts.displayPartsToString(property.getDocumentationComment(checker)),
      '',
      property.name,
    );
});
