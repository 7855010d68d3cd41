// Every source of the .wasm, and the choice of the variant.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAttention } from 'qkv';
import { startBrokenHost } from './broken-host.mjs';
import { assertExplained, assertWorks } from './refusal.mjs';
import { forEachVariant, RUNNABLE } from './variants.mjs';
import { wasmBytes, wasmUrl } from './wasm-file.mjs';

const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('qkv/package.json'))));
let server;
before(async () => {
  server = await startBrokenHost();
});
after(() => server.close());

async function assertLoads(options, variant) {
  const attention = await createAttention(options);
  assert.equal(attention.info.variant, variant);
  assert.equal(attention.info.version, version);
  assertWorks(attention);
  attention.dispose();
}

// Each warning is printed once per process.
const [FIRST] = RUNNABLE;

forEachVariant('wasm from', ({ variant }) => {
  const bytes = wasmBytes(variant);
  const around = new Uint8Array(bytes.length + 14);
  around.set(bytes, 7);
  const sources = {
    'beside the module': () => undefined,
    'a URL in a string': () => `${server.url}qkv.${variant}.wasm`,
    'a URL': () => new URL(`${server.url}qkv.${variant}.wasm`),
    'a file: URL': () => wasmUrl(variant),
    'a file: URL in a string': () => wasmUrl(variant).href,
    'a data: URL': () => `data:application/wasm;base64,${Buffer.from(bytes).toString('base64')}`,
    'a Response': () => new Response(bytes),
    'a Response of fetch': () => fetch(`${server.url}qkv.${variant}.wasm`),
    'an ArrayBuffer': () => bytes.buffer.slice(0),
    'a Uint8Array': () => bytes,
    'a view into a larger buffer': () => around.subarray(7, 7 + bytes.length),
    'a DataView': () => new DataView(around.buffer, 7, bytes.length),
    'a Module': () => WebAssembly.compile(bytes),
  };
  for (const [name, source] of Object.entries(sources)) {
    test(`${name}, with variant`, async () =>
      assertLoads({ variant, wasm: await source() }, variant));
    if (name === 'beside the module') continue;
    test(`${name}, with the variant that the file names`, async () =>
      assertLoads({ wasm: await source() }, variant));
  }

  test('a wrong MIME type loads, with one warning', async (context) => {
    const warn = context.mock.method(console, 'warn', () => {});
    await assertLoads({ wasm: `${server.url}text.wasm` }, 'simd');
    await assertLoads({ wasm: `${server.url}text.wasm` }, 'simd');
    const expected = variant === FIRST ? 1 : 0;
    assert.equal(warn.mock.callCount(), expected);
    if (expected) assert.match(warn.mock.calls[0].arguments[0], /text\.wasm.*text\/plain/);
  });

  test('a redirection is followed', () => assertLoads({ wasm: `${server.url}moved.wasm` }, 'simd'));

  test('one Module serves several instances', async () => {
    const wasm = await WebAssembly.compile(bytes);
    const instances = await Promise.all([1, 2, 3].map(() => createAttention({ wasm })));
    for (const attention of instances) assertWorks(attention);
    instances[0].dispose();
    assertWorks(instances[1]);
  });

  test('the .wasm of another variant is refused', async () => {
    const other = variant === 'simd' ? 'scalar' : 'simd';
    await assert.rejects(createAttention({ variant, wasm: wasmBytes(other) }), (error) =>
      assertExplained(error, { code: 'ERR_OPTION', argument: 'wasm', says: new RegExp(other) }),
    );
  });

  test('several at the same time', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => createAttention({ variant })));
    for (const attention of all) assertWorks(attention);
    assert.equal(new Set(all).size, 4);
  });
});

describe('choice', () => {
  const reasons = ({ info }) =>
    Object.fromEntries(info.rejected.map(({ variant, reason }) => [variant, reason]));

  test('auto takes the fastest variant of the engine', async () => {
    const attention = await createAttention();
    assert.equal(attention.info.variant, RUNNABLE[0]);
    if (RUNNABLE[0] === 'simd') assert.match(reasons(attention).relaxed, /relaxed SIMD/);
    assertWorks(attention);
  });

  test('info has the chosen variant, and a reason for each rejected one', async () => {
    for (const variant of RUNNABLE) {
      const attention = await createAttention({ variant });
      const others = ['relaxed', 'simd', 'scalar'].filter((name) => name !== variant);
      assert.deepEqual(Object.keys(reasons(attention)).sort(), others.sort());
      for (const name of others)
        if (RUNNABLE.includes(name)) assert.match(reasons(attention)[name], new RegExp(variant));
      assert.throws(() => {
        attention.info.variant = 'other';
      }, TypeError);
    }
  });

  test('deterministic excludes relaxed, and says so', async () => {
    const attention = await createAttention({ deterministic: true });
    assert.equal(attention.info.variant, 'simd');
    if (RUNNABLE.includes('relaxed')) assert.match(reasons(attention).relaxed, /deterministic/);
    await assert.rejects(createAttention({ deterministic: true, wasm: wasmBytes('relaxed') }), {
      code: 'ERR_UNSUPPORTED',
    });
  });

  /** An engine that refuses modules with this byte sequence. */
  async function withoutOpcodes(opcode, run) {
    const { validate } = WebAssembly;
    WebAssembly.validate = (bytes) =>
      !Buffer.from(bytes).includes(Buffer.from(opcode)) && validate(bytes);
    try {
      await run();
    } finally {
      WebAssembly.validate = validate;
    }
  }

  test('an engine without relaxed SIMD gets simd', () =>
    withoutOpcodes([0xfd, 0x85, 0x02], async () => {
      const attention = await createAttention();
      assert.equal(attention.info.variant, 'simd');
      assert.match(reasons(attention).relaxed, /relaxed_madd/);
      const expected = { code: 'ERR_UNSUPPORTED', argument: 'variant', says: /'simd'/ };
      await assert.rejects(createAttention({ variant: 'relaxed' }), (error) =>
        assertExplained(error, expected),
      );
    }));

  test('an engine without SIMD gets scalar', () =>
    withoutOpcodes([0xfd], async () => {
      const attention = await createAttention();
      assert.equal(attention.info.variant, 'scalar');
      assert.match(reasons(attention).relaxed, /relaxed/);
      assert.match(reasons(attention).simd, /SIMD/);
      assertWorks(attention);
      const expected = { code: 'ERR_UNSUPPORTED', argument: 'variant', says: /'scalar'/ };
      await assert.rejects(createAttention({ variant: 'simd' }), (error) =>
        assertExplained(error, expected),
      );
    }));

  test('an engine without WebAssembly has its own error', async () => {
    const { WebAssembly: had } = globalThis;
    delete globalThis.WebAssembly;
    try {
      const expected = { code: 'ERR_UNSUPPORTED', argument: 'variant', says: /WebAssembly/ };
      for (const variant of ['auto', 'scalar'])
        await assert.rejects(createAttention({ variant }), (error) =>
          assertExplained(error, expected),
        );
    } finally {
      globalThis.WebAssembly = had;
    }
  });
});

test('nothing is fetched, read or compiled on import', () => {
  const script = `
    import fs from 'node:fs/promises';
    const used = [];
    // Node's own loader of modules reads their source.
    const isOurs = ([what]) => !/[.]m?js$/.test(String(what));
    const watch = (object, name) => {
      const original = object[name];
      object[name] = function (...given) { if (isOurs(given)) used.push(name); return Reflect.apply(original, this, given); };
    };
    watch(globalThis, 'fetch');
    watch(fs, 'readFile');
    for (const name of ['compile', 'instantiate', 'validate', 'Memory', 'Module', 'Instance'])
      WebAssembly[name] = new Proxy(WebAssembly[name], {
        apply(...all) { used.push(name); return Reflect.apply(...all); },
        construct(...all) { used.push(name); return Reflect.construct(...all); },
      });
    const { createAttention } = await import('qkv');
    const onImport = [...used];
    await createAttention();
    console.log(JSON.stringify([onImport, used.length > 0]));
  `;
  const here = fileURLToPath(new URL('.', import.meta.url));
  const args = ['--input-type=module', '--eval', script];
  const printed = execFileSync(process.execPath, args, { cwd: here, encoding: 'utf8' });
  assert.deepEqual(JSON.parse(printed), [[], true]);
});
