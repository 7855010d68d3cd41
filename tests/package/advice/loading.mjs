// A .wasm that is missing, damaged, of another release or forbidden, and engines that lack something.

import { createAttention, QkvError } from 'qkv';
import { createAttention as createInline } from 'qkv/inline';
import { DIST, EMPTY_PAGE, serve } from '../../server.mjs';
import { startBrokenHost } from '../broken-host.mjs';
import { EMPTY_MODULE, ofVersion, wasmBytes } from '../wasm-file.mjs';
import { WORKED, WORKED_OUTPUT, work } from './setting.mjs';

const load = async (options) => work(await createAttention(options));

/** Runs with a server that answers as broken ones do. */
async function withHost(run) {
  const host = await startBrokenHost();
  try {
    return await run(host.url);
  } finally {
    await host.close();
  }
}

/** Runs while a property of an object has another value. */
async function withReplaced(object, name, value, run) {
  const original = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  try {
    return await run();
  } finally {
    if (original) Object.defineProperty(object, name, original);
    else delete object[name];
  }
}
const { validate } = WebAssembly;
const withoutSimd = (run) =>
  withReplaced(WebAssembly, 'validate', (bytes) => !bytes.includes(0xfd) && validate(bytes), run);
const withoutFetch = (run) => withReplaced(globalThis, 'fetch', undefined, run);
const offline = (run) => withReplaced(globalThis, 'navigator', { onLine: false }, run);
/** An engine that cannot compile SIMD either. */
const compileNone = (run) =>
  withReplaced(
    WebAssembly,
    'compile',
    () => Promise.reject(new WebAssembly.CompileError('SIMD')),
    run,
  );

/** Where no server listens. */
const CLOSED = 'http://127.0.0.1:1/qkv.simd.wasm';
const PAGE = '<!DOCTYPE html><title>The page for everything else</title>';
const bytes = (text) => new TextEncoder().encode(text);
const cut = () => wasmBytes('simd').slice(0, 5000);

/**
 * What Chromium computes on a page with this policy. `cors` is whether another origin lets the page read its
 * .wasm; undefined if the page loads its own.
 */
async function inChromium({ browser }, { policy, cors }) {
  const other = await serve(DIST, {
    headers: cors ? { 'access-control-allow-origin': '*' } : {},
  });
  const headers = { 'content-security-policy': policy.replace('OTHER', other.origin) };
  const server = await serve(DIST, { headers, files: { '/': EMPTY_PAGE } });
  const page = await (await browser()).newPage();
  try {
    await page.goto(server.origin);
    const options = cors === undefined ? {} : { wasm: `${other.origin}/qkv.simd.wasm` };
    const { data, error } = await page.evaluate(compute, { worked: WORKED, options });
    if (error) throw new QkvError(error.code, { fix: error.fix });
    return data;
  } finally {
    await page.close();
    await server.close();
    await other.close();
  }
}
/** Runs in the page. */
async function compute({ worked, options }) {
  const { createAttention } = await import('/index.js');
  try {
    const attention = await createAttention(options);
    return { data: [...attention.attend(...worked).output.data] };
  } catch ({ code, fix }) {
    return { error: { code, fix } };
  }
}
const SELF = "default-src 'self'; script-src 'self'";
const WASM = `${SELF} 'wasm-unsafe-eval'`;
const CONNECT = `${WASM}; connect-src OTHER`;

/** A file in the place of the .wasm, and the right one in its place. */
const replacedFile = (name, file, way) => ({
  name,
  given: () => load({ wasm: typeof file === 'function' ? file() : file }),
  ways: { [way]: () => load({ wasm: wasmBytes('simd') }) },
  expected: WORKED_OUTPUT,
});
/** An answer of a host at this path, and the file at another. */
const servedAt = (name, path, ways) => ({
  name,
  given: () => withHost((url) => load({ wasm: url + path })),
  ways: Object.fromEntries(
    Object.entries(ways).map(([way, options]) => [
      way,
      () => withHost((url) => load(options(url))),
    ]),
  ),
  expected: WORKED_OUTPUT,
});
const served = { served: (url) => ({ wasm: `${url}qkv.simd.wasm` }) };

export const CASES = [
  servedAt('a file that is not there', '404.wasm', {
    'beside the module': () => ({}),
    'the option wasm': (url) => ({ wasm: `${url}qkv.simd.wasm` }),
  }),
  servedAt('a page instead of the file', 'html.wasm', served),
  {
    name: 'a server that gives no answer in time',
    given: () => withHost((url) => load({ wasm: `${url}silent.wasm`, timeout: 20 })),
    ways: {
      again: () => withHost((url) => load({ wasm: `${url}qkv.simd.wasm`, timeout: 10_000 })),
      'more time': () => withLateServer((wasm) => load({ wasm, timeout: 10_000 })),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a page at the address that Vite 7 makes up',
    given: () => withPageAt('/.vite/deps/qkv.simd.wasm', (wasm) => load({ wasm })),
    // tests/matrix runs Vite 7 with this configuration, which leaves the module beside its files.
    ways: { 'beside the module': () => load() },
    expected: WORKED_OUTPUT,
  },
  replacedFile('bytes that are no module', bytes('hello'), 'the file of the package'),
  replacedFile('a damaged file', cut, 'deployed again'),
  replacedFile('another module', EMPTY_MODULE, 'the file of the package'),
  replacedFile('another release', () => ofVersion('9.9.9', 'simd'), 'of one release'),
  {
    name: 'the file of another variant',
    given: () => load({ variant: 'scalar', wasm: wasmBytes('simd') }),
    ways: {
      'that of the variant': () => load({ variant: 'scalar', wasm: wasmBytes('scalar') }),
      auto: () => load({ wasm: wasmBytes('simd') }),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a variant that the engine lacks',
    given: () => withoutSimd(() => load({ variant: 'simd' })),
    ways: {
      'that it runs': (_setting, { fix }) =>
        withoutSimd(() => load({ variant: fix.match(/runs '(\w+)'/)[1] })),
      auto: () => withoutSimd(() => load({ variant: 'auto' })),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a file that the engine cannot run',
    given: () => withoutSimd(() => compileNone(() => load({ wasm: wasmBytes('simd') }))),
    ways: { 'without wasm': () => withoutSimd(() => load()) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'an engine without WebAssembly',
    given: () => withReplaced(globalThis, 'WebAssembly', undefined, () => load()),
    ways: { 'one that has it': () => load() },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'no server',
    given: () => load({ wasm: CLOSED }),
    ways: { 'a server': () => withHost((url) => load({ wasm: `${url}qkv.simd.wasm` })) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'another origin that does not allow it',
    given: (setting) => inChromium(setting, { policy: CONNECT, cors: false }),
    ways: { CORS: (setting) => inChromium(setting, { policy: CONNECT, cors: true }) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'another origin that the policy does not allow',
    given: (setting) => inChromium(setting, { policy: WASM, cors: true }),
    ways: { 'connect-src': (setting) => inChromium(setting, { policy: CONNECT, cors: true }) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a machine that is offline',
    given: () => offline(() => load({ wasm: CLOSED })),
    ways: { online: () => withHost((url) => load({ wasm: `${url}qkv.simd.wasm` })) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a policy that forbids WebAssembly',
    given: (setting) => inChromium(setting, { policy: SELF }),
    ways: { "'wasm-unsafe-eval'": (setting) => inChromium(setting, { policy: WASM }) },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'a host without fetch',
    given: () => withoutFetch(() => load({ wasm: CLOSED })),
    ways: {
      'the bytes': () => withoutFetch(() => load({ wasm: wasmBytes('simd') })),
      'qkv/inline': () => withoutFetch(async () => work(await createInline())),
    },
    expected: WORKED_OUTPUT,
  },
  {
    name: 'an engine without room for another memory',
    given: () => withFullMemory(() => load()),
    ways: { 'others disposed of': () => load() },
    expected: WORKED_OUTPUT,
  },
];

/** Answers after 0.2 s. */
function withLateServer(run) {
  return withServer((response) => setTimeout(() => response.end(wasmBytes('simd')), 200), run);
}

function withPageAt(path, run) {
  return withServer(
    (response) => response.end(PAGE),
    (url) => run(url + path.slice(1)),
  );
}

async function withServer(answer, run) {
  const server = await serve(DIST, {
    answer(_request, response) {
      answer(response);
      return true;
    },
  });
  try {
    return await run(server.url);
  } finally {
    await server.close();
  }
}

/** An engine whose address space is full. */
function withFullMemory(run) {
  class Full extends WebAssembly.Memory {
    constructor() {
      throw new RangeError('could not allocate memory');
    }
  }
  return withReplaced(WebAssembly, 'Memory', Full, run);
}
