// Lifetime: `using`, objects without references, objects that stay reachable, a million calls.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAttention } from 'qkv';
import ts from 'typescript';
import { collectGarbage, collectUntil } from './garbage.mjs';
import { assertWorks } from './refusal.mjs';

const DISPOSED = { name: 'QkvError', code: 'ERR_DISPOSED' };

const USING = `
  let escaped;
  {
    using attention = await createAttention();
    using cache = attention.createKVCache({ heads: 1, depth: 2 });
    using tensor = attention.tensor([1, 2], [3, 4]);
    cache.append([[1, 2], [2, 3]], [[7, 8], [9, 10]]);
    escaped = { attention, cache, tensor, output: attention.attend(tensor, cache).output };
  }
  return escaped;
`;
const AsyncFunction = (async () => {}).constructor;

function assertEnded({ attention, cache, tensor, output }) {
  assert.ok(Math.abs(output.data[0] - 8.985929298) < 2e-6);
  assert.throws(() => attention.memory, DISPOSED);
  assert.throws(() => cache.append([[1, 2]], [[1, 2]]), DISPOSED);
  assert.throws(() => tensor.data, DISPOSED);
}

test('`using`, as TypeScript compiles it for older engines, disposes its variables', async () => {
  const wrapped = `export async function run(createAttention) {${USING}}`;
  const { outputText } = ts.transpileModule(wrapped, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 },
  });
  assert.doesNotMatch(outputText, /using attention/);
  const { run } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  assertEnded(await run(createAttention));
});

test('`using`, as the engine implements it', async (context) => {
  let run;
  try {
    run = new AsyncFunction('createAttention', USING); // a syntax error in a module could not be caught
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return context.skip(`Node ${process.versions.node} has no such syntax`);
  }
  assertEnded(await run(createAttention));
});

test('dispose() of an instance disposes of its tensors and caches, once', async () => {
  const attention = await createAttention();
  const tensor = attention.tensor([1, 2], [1, 2]);
  const cache = attention.createKVCache({ heads: 1, depth: 2, capacity: 8 });
  for (let times = 0; times < 2; times++) {
    attention.dispose();
    assert.throws(() => tensor.data, DISPOSED);
    assert.throws(() => cache.append([[1, 2]], [[1, 2]]), DISPOSED);
    assert.throws(() => cache.truncate(0), DISPOSED);
    assert.throws(() => attention.createKVCache({ heads: 1, depth: 2 }), DISPOSED);
  }
  for (let times = 0; times < 2; times++) {
    tensor.dispose();
    cache.dispose();
  }
});

test('objects without references are freed, and a warning says so once in development', async (context) => {
  const warn = context.mock.method(console, 'warn', () => {});
  const attention = await createAttention();
  const { used } = attention.memory;
  const forget = () => {
    for (let i = 0; i < 20; i++) {
      attention.tensor([1000]);
      attention.createKVCache({ heads: 2, depth: 4, capacity: 100 });
    }
  };
  forget();
  assert.ok(attention.memory.used > used + 20 * 4000);
  await collectUntil(() => attention.memory.used === used);
  assert.equal(attention.memory.used, used);
  const warnings = warn.mock.calls.map(({ arguments: [text] }) => text).sort();
  assert.equal(warnings.length, 2, warnings.join('\n'));
  assert.match(warnings[0], /qkv: a KV cache was forgotten.*dispose.*using/);
  assert.match(warnings[1], /qkv: a tensor was forgotten.*dispose.*using/);
  assertWorks(attention);
  attention.dispose();
});

test('disposed objects, and objects of a disposed instance, cause no warning', async () => {
  assert.equal(warningsOf({}, 'tensor.dispose(); cache.dispose();'), '');
  assert.equal(warningsOf({}, 'attention.dispose();'), '');
  const lines = warningsOf({}, '').split('\n').sort();
  assert.equal(lines.length, 3, lines.join('\n'));
  assert.match(lines[1], /a KV cache was forgotten/);
  assert.match(lines[2], /a tensor was forgotten/);
});

test('no warning in production, or where there is no process', () => {
  assert.equal(warningsOf({ NODE_ENV: 'production' }, ''), '');
  assert.equal(warningsOf({}, 'delete globalThis.process;'), '');
});

/** The stderr of a process that makes a tensor and a cache, runs `then`, and drops both. */
function warningsOf(env, then) {
  const script = `
    import { createAttention } from 'qkv';
    import { collectGarbage } from './garbage.mjs';
    const attention = await createAttention();
    console.warn = (text) => console.log(text);
    (() => {
      const tensor = attention.tensor([1000]);
      const cache = attention.createKVCache({ heads: 1, depth: 4, capacity: 100 });
      ${then}
    })();
    for (let i = 0; i < 5; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }`;
  const { NODE_ENV: _, ...inherited } = process.env;
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
}

test('the memory of a disposed instance is collected while references to it and its tensors remain', async (context) => {
  const memories = [];
  const { Memory } = WebAssembly;
  context.after(() => {
    WebAssembly.Memory = Memory;
  });
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor) {
      super(descriptor);
      memories.push(new WeakRef(this));
    }
  };
  const kept = [];
  for (let i = 0; i < 5; i++) {
    const attention = await createAttention();
    const tensor = attention.tensor([1000]);
    const cache = attention.createKVCache({ heads: 1, depth: 4, capacity: 100 });
    attention.attend([[1]], [[1]], [[1]]);
    attention.dispose();
    kept.push({ attention, tensor, cache });
  }
  const held = () => memories.filter((memory) => memory.deref() !== undefined).length;
  await collectUntil(() => held() === 0);
  assert.equal(memories.length, 5);
  assert.equal(held(), 0, `${held()} of 5 memories are held by what is kept`);
  assert.equal(kept.length, 5);
});

test('1,000,000 calls need no more memory than one', async () => {
  const attention = await createAttention();
  const query = { data: Float32Array.of(3, 4), shape: [1, 2] };
  const key = { data: Float32Array.of(1, 2, 2, 3), shape: [2, 2] };
  const value = { data: Float32Array.of(7, 8, 9, 10), shape: [2, 2] };
  const run = (calls) => {
    for (let i = 0; i < calls; i++) attention.attend(query, key, value);
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return { ...attention.memory, javascript: heapUsed + arrayBuffers };
  };
  const before = run(50_000);
  const after = run(1_000_000);
  assert.equal(after.bytes, before.bytes);
  assert.equal(after.used, before.used);
  // One byte kept by each call would be 1 MB.
  const grown = after.javascript - before.javascript;
  assert.ok(grown < 500_000, `${grown} bytes more in JavaScript`);
  attention.dispose();
});
