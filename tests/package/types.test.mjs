// The types in an editor: completions, hovers, `using`. types-versions.test.mjs has what compiles, and where.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import ts from 'typescript';
import { installForTypes } from './installed-types.mjs';

const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  exactOptionalPropertyTypes: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
};
const BROWSER = { lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'] };

let folder;
before(() => {
  folder = installForTypes();
});
after(() => rmSync(folder, { recursive: true }));

test('`using` compiles, with the library esnext.disposable', () => {
  const source = `import { createAttention } from 'qkv';
    using attention = await createAttention();
    using tensor = attention.tensor([1]);
    console.log(tensor.data);`;
  const file = join(folder, 'using.ts');
  writeFileSync(file, source);
  const program = ts.createProgram([file], { ...OPTIONS, target: ts.ScriptTarget.ESNext });
  const messages = ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText);
  assert.deepEqual(messages, []);
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
    getCompilationSettings: () => ({ ...OPTIONS, ...BROWSER }),
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
    ...OPTIONS,
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
