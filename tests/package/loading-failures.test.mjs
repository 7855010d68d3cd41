// A .wasm that is missing, cut, of another package or forbidden; loading that is aborted.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAttention } from 'qkv';
import { startBrokenHost } from './broken-host.mjs';
import { assertExplained, assertWorks } from './refusal.mjs';
import { RUNNABLE } from './variants.mjs';
import {
  EMPTY_MODULE,
  moduleThatSays,
  ofVersion,
  sectionsOf,
  wasmBytes,
  wasmUrl,
} from './wasm-file.mjs';

let server;
before(async () => {
  server = await startBrokenHost();
});
after(() => server.close());

const SIMD = wasmBytes('simd');
const [, version] = /^([\d.]+) /.exec(
  new TextDecoder().decode(sectionsOf(SIMD).find(({ name }) => name === 'qkv').content),
);
const OTHER_VERSION = version.replaceAll(/\d/g, '9');

// [name, options, code, what the message says]
const FAILURES = [
  ['404', () => ({ wasm: `${server.url}404.wasm` }), 'ERR_WASM_NOT_FOUND', /404\.wasm.*status 404/],
  ['500', () => ({ wasm: `${server.url}500.wasm` }), 'ERR_WASM_NOT_FOUND', /status 500/],
  [
    '404, a Response',
    async () => ({ wasm: await fetch(`${server.url}404.wasm`) }),
    'ERR_WASM_NOT_FOUND',
    /404\.wasm.*status 404/,
  ],
  [
    'HTML with status 200',
    () => ({ wasm: `${server.url}html.wasm` }),
    'ERR_WASM_INVALID',
    /HTML.*3c 21/,
  ],
  ['an empty file', () => ({ wasm: `${server.url}empty.wasm` }), 'ERR_WASM_INVALID', /empty/],
  [
    'a connection that breaks',
    () => ({ wasm: `${server.url}cut.wasm` }),
    'ERR_WASM_NOT_FOUND',
    /cut\.wasm/,
  ],
  [
    'no server',
    () => ({ wasm: 'http://127.0.0.1:1/simd.wasm' }),
    'ERR_WASM_NOT_FOUND',
    /127\.0\.0\.1:1.*no answer: .*Is the server there\?/,
  ],
  [
    'no file',
    () => ({ wasm: new URL('no.wasm', wasmUrl('simd')) }),
    'ERR_WASM_NOT_FOUND',
    /no\.wasm.*ENOENT/,
  ],
  ['no URL', () => ({ wasm: 'http://' }), 'ERR_WASM_NOT_FOUND'],
  [
    'a data: URL of something else, which is long',
    () => ({ wasm: `data:text/plain,${'qkv '.repeat(1000)}` }),
    'ERR_WASM_INVALID',
    /71 6b 76 20/,
  ],
  ['no bytes', () => ({ wasm: new Uint8Array(0) }), 'ERR_WASM_INVALID', /empty/],
  ['one byte', () => ({ wasm: Uint8Array.of(0) }), 'ERR_WASM_INVALID', /00/],
  [
    'HTML in bytes',
    () => ({ wasm: new TextEncoder().encode('<html>') }),
    'ERR_WASM_INVALID',
    /HTML.*3c 68/,
  ],
  [
    'gzip in bytes',
    () => ({ wasm: Uint8Array.of(0x1f, 0x8b, 8, 0) }),
    'ERR_WASM_INVALID',
    /1f 8b 08 00/,
  ],
  ['an empty module', () => ({ wasm: EMPTY_MODULE }), 'ERR_WASM_INVALID', /another/],
  [
    'an empty Module',
    () => ({ wasm: new WebAssembly.Module(EMPTY_MODULE) }),
    'ERR_WASM_INVALID',
    /another/,
  ],
  [
    'a section of other contents',
    () => ({ wasm: moduleThatSays('hello') }),
    'ERR_WASM_INVALID',
    /another/,
  ],
  [
    'a variant we do not know',
    () => ({ wasm: moduleThatSays(`${version} avx`) }),
    'ERR_WASM_INVALID',
  ],
  [
    'a section of ours and nothing else',
    () => ({ wasm: moduleThatSays(`${version} simd`) }),
    'ERR_WASM_INVALID',
  ],
  [
    'another release',
    () => ({ wasm: ofVersion(OTHER_VERSION, 'simd') }),
    'ERR_VERSION',
    new RegExp(OTHER_VERSION),
  ],
  [
    'another release, a Module',
    () => ({ wasm: new WebAssembly.Module(ofVersion(OTHER_VERSION, 'simd')) }),
    'ERR_VERSION',
    new RegExp(`${version}.*${OTHER_VERSION}`),
  ],
  [
    'a Response that was read',
    async () => {
      const wasm = new Response(SIMD);
      await wasm.arrayBuffer();
      return { wasm };
    },
    'ERR_WASM_NOT_FOUND',
    /Response/,
  ],
];

describe('an unusable file', () => {
  for (const [name, options, code, says] of FAILURES) {
    test(name, async () => {
      const given = await options();
      const expected = { code, argument: 'wasm', says };
      await assert.rejects(createAttention(given), (error) => assertExplained(error, expected));
      assertWorks(await createAttention());
    });
  }

  test('cut at any byte', async () => {
    const boundaries = sectionsOf(SIMD).flatMap(({ start, end }) => [start, start + 1, end - 1]);
    for (const length of [8, 9, 1000, ...boundaries, SIMD.length - 1]) {
      const wasm = SIMD.slice(0, length);
      await assert.rejects(createAttention({ wasm }), { code: 'ERR_WASM_INVALID' }, `${length}`);
    }
  });

  test('bytes of a variant that the engine lacks', async () => {
    if (RUNNABLE.includes('relaxed')) return;
    const expected = { code: 'ERR_UNSUPPORTED', argument: 'variant', says: /relaxed/ };
    await assert.rejects(createAttention({ wasm: wasmBytes('relaxed') }), (error) =>
      assertExplained(error, expected),
    );
  });

  test('a failed call can be repeated', async () => {
    const wasm = `${server.url}once-broken.wasm`;
    await assert.rejects(createAttention({ wasm }), { code: 'ERR_WASM_NOT_FOUND' });
    assertWorks(await createAttention({ wasm }));
  });

  test('good and bad files at the same time', async () => {
    const [good, bad, other] = await Promise.allSettled([
      createAttention({ wasm: `${server.url}qkv.simd.wasm` }),
      createAttention({ wasm: `${server.url}404.wasm` }),
      createAttention(),
    ]);
    assert.equal(bad.reason.code, 'ERR_WASM_NOT_FOUND');
    assertWorks(good.value);
    assertWorks(other.value);
  });

  test('a file: URL where there is no process', () => {
    const script = `
      import { createAttention } from 'qkv';
      const { process } = globalThis;
      delete globalThis.process;
      const error = await createAttention().catch((error) => error);
      globalThis.process = process;
      console.log(error.code, error.name);
    `;
    const args = ['--input-type=module', '--eval', script];
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    const printed = execFileSync(process.execPath, args, { cwd, encoding: 'utf8' });
    assert.equal(printed, 'ERR_WASM_NOT_FOUND QkvError\n'); // fetch of Node reads no files
  });
});

describe('a policy that forbids WebAssembly', () => {
  const MESSAGES = {
    Chromium:
      "WebAssembly.compile(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script in the following Content Security Policy directive: \"script-src 'self'\"",
    Firefox: 'call to WebAssembly.compile() blocked by CSP',
    WebKit: `Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script in the following Content Security Policy directive: "script-src 'self'".\n (evaluating 'WebAssembly.instantiate(e,n)')`,
  };
  for (const [browser, message] of Object.entries(MESSAGES)) {
    for (const step of ['compile', 'instantiate']) {
      test(`the error of ${browser} at ${step}`, async () => {
        const original = WebAssembly[step];
        WebAssembly[step] = () => Promise.reject(new WebAssembly.CompileError(message));
        try {
          const expected = { code: 'ERR_CSP', argument: 'wasm', says: /wasm-unsafe-eval/ };
          await assert.rejects(createAttention(), (error) => assertExplained(error, expected));
        } finally {
          WebAssembly[step] = original;
        }
        assertWorks(await createAttention());
      });
    }
  }
});

describe('a time limit', () => {
  for (const path of ['silent.wasm', 'slow.wasm']) {
    test(`ends the request of ${path}: the connection is given up`, {
      timeout: 10_000,
    }, async () => {
      const created = createAttention({ wasm: `${server.url}${path}`, timeout: 50 });
      const says = new RegExp(`${path}.*nothing complete after 0.05 s.*timeout`);
      const expected = { code: 'ERR_WASM_NOT_FOUND', argument: 'wasm', says };
      await assert.rejects(created, (error) => assertExplained(error, expected));
      while (server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }

  test('a given body that never ends', { timeout: 10_000 }, async () => {
    const wasm = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const created = createAttention({ wasm, timeout: 50 });
    await assert.rejects(created, { code: 'ERR_WASM_NOT_FOUND' });
  });

  test('is 60 s by default', { timeout: 10_000 }, async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const created = createAttention({ wasm: `${server.url}silent.wasm` });
    const ended = assert.rejects(created, { code: 'ERR_WASM_NOT_FOUND' });
    while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve));
    context.mock.timers.tick(59_999);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.open.size, 1);
    context.mock.timers.tick(1);
    await ended;
  });

  test('no timer is left after loading', async () => {
    const { signal } = new AbortController();
    assertWorks(await createAttention({ signal }));
    await assert.rejects(createAttention({ signal, wasm: `${server.url}404.wasm` }));
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  test('does not keep the process alive', () => {
    const script = "import { createAttention } from 'qkv'; await createAttention();";
    const args = ['--input-type=module', '--eval', script];
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    execFileSync(process.execPath, args, { cwd, timeout: 30_000 });
  });

  test('may be Infinity', async () => {
    assertWorks(await createAttention({ timeout: Number.POSITIVE_INFINITY }));
  });
});

describe('aborted', () => {
  const assertAborted = (created, reason) =>
    assert.rejects(created, (error) => {
      assertExplained(error, { code: 'ERR_ABORTED', argument: 'signal' });
      if (reason !== undefined) assert.equal(error.cause, reason);
      return true;
    });

  test('before: nothing is fetched', async () => {
    const before = server.requests.length;
    const reason = new Error('changed my mind');
    const signal = AbortSignal.abort(reason);
    await assertAborted(createAttention({ wasm: `${server.url}qkv.simd.wasm`, signal }), reason);
    assert.equal(server.requests.length, before);
  });

  test('before: nothing is compiled', async (context) => {
    const compile = context.mock.method(WebAssembly, 'compile');
    await assertAborted(createAttention({ wasm: SIMD, signal: AbortSignal.abort() }));
    assert.equal(compile.mock.callCount(), 0);
  });

  for (const path of ['silent.wasm', 'slow.wasm']) {
    test(`during the request of ${path}: the connection is given up`, {
      timeout: 10_000,
    }, async () => {
      const controller = new AbortController();
      const created = createAttention({ wasm: `${server.url}${path}`, signal: controller.signal });
      while (server.open.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      controller.abort('enough');
      await assertAborted(created, 'enough');
      while (server.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
  }

  test('by a time limit', { timeout: 10_000 }, async () => {
    const signal = AbortSignal.timeout(30);
    await assertAborted(createAttention({ wasm: `${server.url}silent.wasm`, signal }));
    assert.equal(signal.reason.name, 'TimeoutError');
  });

  test('while a given Response never ends', { timeout: 10_000 }, async () => {
    const wasm = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    await assertAborted(createAttention({ wasm, signal: AbortSignal.timeout(30) }));
  });

  test('at any time: aborted or complete, never anything else', async () => {
    for (const delay of [0, 0, 1, 2, 3, 5, 8]) {
      const controller = new AbortController();
      const created = createAttention({ signal: controller.signal });
      if (delay > 0) setTimeout(() => controller.abort(), delay);
      else queueMicrotask(() => controller.abort());
      const [{ value, reason }] = await Promise.allSettled([created]);
      if (value) assertWorks(value);
      else assert.equal(reason.code, 'ERR_ABORTED');
    }
  });

  test('afterwards: nothing happens', async () => {
    const controller = new AbortController();
    const attention = await createAttention({ signal: controller.signal });
    controller.abort();
    assertWorks(attention);
  });
});
