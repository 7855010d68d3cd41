// doctor() in the pages that people report from.

import { expect, test } from '@playwright/test';
import { type Deployments, deploy, type Fault } from './deployment.ts';
import { openChromium, openFirefox, type RealBrowser } from './realBrowsers.ts';

const PAGES: Record<string, Fault> = {
  plain: {},
  isolated: {
    headers: {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    },
  },
  forbidden: { headers: { 'content-security-policy': "script-src 'self'" } },
  missing: { file: /wasm$/, answer: (response) => response.writeHead(404).end() },
};

// What each page says differently from the first.
const FINDINGS: Record<string, Record<string, [ok: boolean, says: RegExp]>> = {
  plain: {
    WebAssembly: [true, /has it/],
    'relaxed SIMD': [true, /has it/],
    policy: [true, /compiled and instantiated/],
    memory: [true, /^\d+ MiB can be reserved; had 256 MiB; an instance gets up to \d+ MiB$/],
    isolation: [false, /is false, which qkv does not need/],
    SharedArrayBuffer: [false, /SharedArrayBuffer is not defined/],
    workers: [true, /\d+ cores/],
    variant: [true, /^'relaxed'; not 'simd': not needed/],
    loading: [true, /gives 8\.98592\d*, 9\.98592\d*$/],
  },
  isolated: {
    isolation: [true, /is true$/],
    SharedArrayBuffer: [true, /constructed/],
  },
  forbidden: {
    policy: [false, /wasm-unsafe-eval.*ERR_CSP/],
    loading: [false, /wasm-unsafe-eval.*ERR_CSP/],
  },
  missing: {
    policy: [true, /compiled and instantiated/],
    loading: [false, /status 404.*ERR_WASM_NOT_FOUND/],
  },
};

async function examine(_: null) {
  const { doctor } = await import(new URL('doctor.js', location.href).href);
  const report = await doctor();
  return { ...report, toString: undefined, text: String(report), userAgent: navigator.userAgent };
}

for (const [name, start] of Object.entries({ Chromium: openChromium, Firefox: openFirefox })) {
  test.describe(name, () => {
    test.describe.configure({ mode: 'default' });
    let site: Deployments;
    let browser: RealBrowser;
    test.beforeAll(async () => {
      test.setTimeout(90_000);
      [site, browser] = await Promise.all([deploy(PAGES), start()]);
    });
    test.afterAll(async () => {
      await browser?.close();
      await site?.close();
    });

    for (const [page, expected] of Object.entries(FINDINGS)) {
      test(page, async () => {
        const tab = await browser.open(`${site.origin}/${page}/`);
        const { findings, engine, text, userAgent } = await tab.evaluate(examine, null);
        for (const [subject, [ok, says]] of Object.entries(expected)) {
          expect(findings).toContainEqual({ subject, ok, says: expect.stringMatching(says) });
        }
        expect(engine).toBe(userAgent);
        expect(text.split('\n')).toHaveLength(1 + findings.length);
        await tab.close();
      });
    }
  });
}
