// Deployments with something wrong, in the browsers that report it: which error, what it says, and that
// the next call works once the server is put right. Faults that need no browser: tests/package.

import { expect, test } from '@playwright/test';
import { type Deployments, deploy, type Fault } from './deployment.ts';
import { openChromium, openFirefox, type RealBrowser } from './realBrowsers.ts';

const HTML = '<!DOCTYPE html><html lang="en"><title>The page for everything else</title></html>';
const policy = (directives: string) => ({ 'content-security-policy': directives });
const as = (type: string) => ({ 'content-type': type });

interface FaultCase extends Fault {
  readonly code: string;
  readonly says: RegExp;
  readonly options?: { readonly timeout: number };
}

const FAULTS: Record<string, FaultCase> = {
  'wasm-404': {
    file: /wasm$/,
    answer: (response) => response.writeHead(404, as('text/html')).end(HTML),
    code: 'ERR_WASM_NOT_FOUND',
    says: /qkv\.\w+\.wasm, received status 404/,
  },
  'wasm-truncated': {
    file: /wasm$/,
    answer: (response, contents) =>
      response.writeHead(200, as('application/wasm')).end(contents.subarray(0, 20_000)),
    code: 'ERR_WASM_INVALID',
    says: /20000 bytes from .*truncated or damaged/,
  },
  'wasm-broken-off': {
    file: /wasm$/,
    answer(response, contents) {
      response.writeHead(200, { 'content-length': contents.length });
      response.write(contents.subarray(0, 20_000), () => response.destroy());
    },
    code: 'ERR_WASM_NOT_FOUND',
    says: /cannot be read to its end/,
  },
  'wasm-html': {
    file: /wasm$/,
    answer: (response) => response.writeHead(200, as('text/html')).end(HTML),
    code: 'ERR_WASM_INVALID',
    says: /HTML that starts with 3c 21.*rewrites/,
  },
  'wasm-hanging': {
    file: /wasm$/,
    answer() {},
    options: { timeout: 400 },
    code: 'ERR_WASM_NOT_FOUND',
    says: /nothing complete after 0\.4 s.*timeout/,
  },
  'wasm-stalling': {
    file: /wasm$/,
    answer: (response, contents) =>
      response.writeHead(200, as('application/wasm')).write(contents.subarray(0, 20_000)),
    options: { timeout: 400 },
    code: 'ERR_WASM_NOT_FOUND',
    says: /nothing complete after 0\.4 s.*timeout/,
  },
  'wasm-refused': {
    file: /wasm$/,
    answer: (response) => response.destroy(),
    code: 'ERR_WASM_NOT_FOUND',
    says: /no answer.*Is the server there\?/,
  },
  'wasm-of-another-version': {
    file: /wasm$/,
    answer(response, contents) {
      const other = Buffer.from(contents.toString('latin1').replace(/qkv[\d.]+ /, older), 'latin1');
      response.writeHead(200, as('application/wasm')).end(other);
    },
    code: 'ERR_VERSION',
    says: /expected the \.wasm of qkv [\d.]+, received that of qkv 0\.0\.[\d.]+/,
  },
  'policy-without-wasm': {
    headers: policy("script-src 'self'"),
    code: 'ERR_CSP',
    says: /Add 'wasm-unsafe-eval' to script-src/,
  },
  'policy-without-requests': {
    headers: policy("script-src 'self' 'wasm-unsafe-eval'; connect-src 'none'"),
    code: 'ERR_WASM_NOT_FOUND',
    says: /no answer.*connect-src/,
  },
};

/** A version of as many letters: sections of the binary have a length. */
function older(marker: string): string {
  return `qkv${'0.0.'.padEnd(marker.length - 'qkv '.length, '1')} `;
}

const SOUND: Record<string, Fault> = {
  sound: {},
  'strict-policy': { headers: policy("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'") },
  'wrong-type': {
    file: /wasm$/,
    answer: (response, contents) => response.writeHead(200, as('text/plain')).end(contents),
  },
};

type Outcome = { works: number[]; variant: string } | { code: string; message: string };

/** Calls createAttention() `times` times at once, in the page. */
async function load(given: { times: number; options?: object }): Promise<Outcome[]> {
  const { createAttention } = await import(new URL('index.js', location.href).href);
  const attempt = async () => {
    try {
      const attention = await createAttention(given.options);
      const keys = [
        [1, 2],
        [2, 3],
      ]; // prettier-ignore
      const { output } = attention.attend([[3, 4]], keys, [
        [7, 8],
        [9, 10],
      ]); // prettier-ignore
      const { variant } = attention.info;
      attention.dispose();
      return { works: [...output.data], variant };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { code, message };
    }
  };
  return Promise.all(Array.from({ length: given.times }, attempt));
}

function expectWorks(outcome: Outcome | undefined): void {
  expect(outcome).toHaveProperty('works');
  const [first, second] = (outcome as { works: number[] }).works;
  expect(first).toBeCloseTo(8.985929298, 5);
  expect(second).toBeCloseTo(9.985929298, 5);
}

for (const [name, start] of Object.entries({ Chromium: openChromium, Firefox: openFirefox })) {
  test.describe(name, () => {
    test.describe.configure({ mode: 'default' });
    let site: Deployments;
    let browser: RealBrowser;
    test.beforeAll(async () => {
      test.setTimeout(90_000);
      [site, browser] = await Promise.all([deploy({ ...FAULTS, ...SOUND }), start()]);
    });
    test.afterAll(async () => {
      await browser?.close();
      await site?.close();
    });
    const open = (deployment: string) => browser.open(`${site.origin}/${deployment}/`);

    for (const [fault, { code, says, options, headers }] of Object.entries(FAULTS)) {
      test(fault, async () => {
        const tab = await open(fault);
        for (const outcome of await tab.evaluate(load, { times: 2, options })) {
          expect(outcome).toMatchObject({ code, message: expect.stringMatching(says) });
        }
        // A policy holds as long as the page.
        if (!headers) {
          site.repair(fault);
          const [outcome] = await tab.evaluate(load, { times: 1 });
          expectWorks(outcome);
        }
        await tab.close();
      });
    }

    test('several at once', async () => {
      const tab = await open('sound');
      for (const outcome of await tab.evaluate(load, { times: 5 })) expectWorks(outcome);
      expect(tab.warnings).toEqual([]);
      await tab.close();
    });

    test('a strict policy that allows WebAssembly', async () => {
      const tab = await open('strict-policy');
      const [outcome] = await tab.evaluate(load, { times: 1 });
      expectWorks(outcome);
      await tab.close();
    });

    test('a wrong MIME type works, and warns once', async () => {
      const tab = await open('wrong-type');
      for (const outcome of await tab.evaluate(load, { times: 3 })) expectWorks(outcome);
      expect(tab.warnings).toHaveLength(1);
      expect(tab.warnings[0]).toMatch(/qkv\.\w+\.wasm.*text\/plain.*application\/wasm/);
      await tab.close();
    });

    test('another origin that does not allow it, and one that does', async () => {
      const tab = await open('sound');
      const other = await deploy({
        closed: {},
        open: {
          file: /wasm$/,
          answer: (response, contents) =>
            response
              .writeHead(200, { ...as('application/wasm'), 'access-control-allow-origin': '*' })
              .end(contents),
        },
      });
      const from = async (deployment: string) => {
        const options = { wasm: `${other.origin}/${deployment}/qkv.simd.wasm` };
        return (await tab.evaluate(load, { times: 1, options }))[0];
      };
      expect(await from('closed')).toMatchObject({
        code: 'ERR_WASM_NOT_FOUND',
        message: expect.stringMatching(/CORS/),
      });
      expectWorks(await from('open'));
      await other.close();
      expect(await from('open')).toMatchObject({ code: 'ERR_WASM_NOT_FOUND' });
      await tab.close();
    });
  });
}

test('offline, and again online', async ({ page, context }) => {
  const site = await deploy(SOUND);
  await page.goto(`${site.origin}/sound/`);
  expectWorks((await page.evaluate(load, { times: 1 }))[0]);
  await context.setOffline(true);
  const [outcome] = await page.evaluate(load, { times: 1 });
  expect(outcome).toMatchObject({
    code: 'ERR_WASM_NOT_FOUND',
    message: expect.stringMatching(/no answer.*offline/),
  });
  await context.setOffline(false);
  expectWorks((await page.evaluate(load, { times: 1 }))[0]);
  await site.close();
});

const LACKING = [
  ['Chromium without 128-bit SIMD', () => openChromium('128-bit SIMD'), 'scalar'],
  ['Chromium without WebAssembly', () => openChromium('WebAssembly'), undefined],
  ['Firefox without relaxed SIMD', () => openFirefox('relaxed SIMD'), 'simd'],
  ['Firefox without WebAssembly', () => openFirefox('WebAssembly'), undefined],
] as const;

for (const [name, start, variant] of LACKING) {
  test(name, async () => {
    test.setTimeout(90_000);
    const [site, browser] = await Promise.all([deploy(SOUND), start()]);
    const tab = await browser.open(`${site.origin}/sound/`);
    const [outcome] = await tab.evaluate(load, { times: 1 });
    if (variant === undefined) {
      expect(outcome).toMatchObject({
        code: 'ERR_UNSUPPORTED',
        message: expect.stringMatching(/the engine has no WebAssembly.*turned off/),
      });
    } else {
      expectWorks(outcome);
      expect(outcome).toMatchObject({ variant });
    }
    await browser.close();
    await site.close();
  });
}
