// The types as a user's compiler sees them, without skipLibCheck: what must compile, and what must not.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
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
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
after(() => rmSync(folder, { recursive: true }));

/** Messages of the compiler for a module, in strict mode. */
function compile(source, options) {
  const file = join(folder, 'module.ts');
  writeFileSync(file, source);
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    types: [],
    ...options,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
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

const RIGHT = `
import { createAttention, QkvError } from 'qkv';
import type { Attention, AttentionOptions, AttentionResult, AttentionTrace, BooleanTensorInput } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import type { AttentionPool, PoolAttentionOptions, PoolOptions } from 'qkv/pool';
import type { CreateOptions, ErrorCode, NestedNumbers, ResidentTensor, Tensor, TensorInput } from 'qkv';

const created: CreateOptions = { variant: 'auto', deterministic: true, maxMemory: 2 ** 24 };
const attention: Attention = await createAttention(created);
await createAttention({ wasm: new URL('qkv.simd.wasm', 'https://example.org/'), signal: AbortSignal.timeout(5) });
await createAttention({ wasm: new Uint8Array(8) });
await createAttention({ wasm: new Response() });

const nested: NestedNumbers = [[1, 2], [2, 3]];
const tensor: Tensor = { data: new Float32Array(4), shape: [2, 2] };
const resident: ResidentTensor = attention.tensor([2, 2], [1, 2, 3, 4]);
const inputs: readonly TensorInput[] = [nested, tensor, resident, [[[[1]]]]] as const;
const masks: BooleanTensorInput[] = [[true], [[true, false]], { data: new Uint8Array(2), shape: [2] }];
const options: AttentionOptions = {
  scale: 1, isCausal: true, queryOffset: 'end', window: { left: 1 }, mask: [[true, false]], bias: [0, 1],
  alibiSlopes: new Float32Array(1), softcap: 30, sinks: [0], keyLengths: [2], layout: 'blhd',
  capture: ['weights', 'logSumExp'], out: new Float32Array(4),
};
const result: AttentionResult = attention.attend(tensor, resident, nested, options);
const numbers: Float32Array = result.output.data;
const weights: Float32Array | undefined = result.weights?.data;
const trace: AttentionTrace = attention.trace([[3, 4]], [[1, 2]], [[7, 8]]);
const used: number = attention.memory.used + trace.products.data.length;
const reason: string | undefined = attention.info.rejected[0]?.reason;
try { attention.dispose(); } catch (error) {
  if (error instanceof QkvError) { const code: ErrorCode = error.code; console.log(code, error.argument); }
}
const pooled: PoolOptions = { workers: 2, timeLimit: 5000, variant: 'simd', signal: AbortSignal.timeout(5) };
const pool: AttentionPool = await createAttentionPool(pooled);
const watched: PoolAttentionOptions = { ...options, signal: AbortSignal.timeout(5), onProgress: (done, total) => console.log(done / total) };
const later: AttentionResult = await pool.attend(tensor, resident, nested, watched);
console.log(pool.workers, pool.info.variant, later.output.shape);
pool.dispose();
console.log(inputs, masks, numbers, weights, used, reason);
export {};
`;

// [what is wrong, the statement, what the compiler says]
const WRONG = [
  ['an option that does not exist', 'a.attend(q, q, q, { isCasual: true });', /isCausal/],
  ['an option of another type', "a.attend(q, q, q, { scale: '1' });", /string.*number/],
  ['a layout that does not exist', "a.attend(q, q, q, { layout: 'bshd' });", /bshd/],
  ['a capture that does not exist', "a.attend(q, q, q, { capture: ['weight'] });", /weight/],
  ['a variant that does not exist', "await createAttention({ variant: 'avx' });", /avx/],
  [
    'data of 64 bits',
    'a.attend({ data: new Float64Array(2), shape: [1, 2] }, q, q);',
    /Float64Array|Float32Array/,
  ],
  ['data without a shape', 'a.attend({ data: new Float32Array(2) }, q, q);', /shape/],
  ['an array without a shape', 'a.attend(new Float32Array(2), q, q);', /./],
  ['strings for numbers', "a.attend([['1']], q, q);", /string/],
  ['numbers for a mask', 'a.attend(q, q, q, { mask: [[1, 0]] });', /number.*boolean/s],
  ['a missing value', 'a.attend(q, q);', /./],
  ['a capture that may be missing', 'a.attend(q, q, q).weights.data;', /undefined/],
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
  test(`${name}: what is right compiles, with the libraries of a browser alone`, () => {
    assert.deepEqual(compile(RIGHT, { ...resolution, ...BROWSER }), []);
  });

  test(`${name}: what is wrong does not`, () => {
    for (const [what, statement, says] of WRONG) {
      const source = `import { createAttention, QkvError } from 'qkv';
        import { createAttentionPool } from 'qkv/pool';
        const a = await createAttention();
        const q = [[1, 2]];
        ${statement}
        export { a, q, QkvError, createAttentionPool };`;
      const messages = compile(source, { ...resolution, ...BROWSER });
      assert.notDeepEqual(messages, [], `${what} compiles`);
      assert.match(messages.join('\n'), says, what);
    }
  });
}

test('`using` frees, with the library that knows it', () => {
  const source = `import { createAttention } from 'qkv';
    using attention = await createAttention();
    using tensor = attention.tensor([1]);
    console.log(tensor.data);`;
  const options = { ...RESOLUTIONS.bundler, target: ts.ScriptTarget.ESNext };
  assert.deepEqual(compile(source, options), []);
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
