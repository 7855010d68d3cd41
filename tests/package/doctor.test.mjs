// The findings of doctor(): on a complete engine, with a part missing, with a part broken.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { doctor } from 'qkv/doctor';
import { RUNNABLE } from './variants.mjs';

const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('qkv/package.json'))));

const found = (report, subject) => {
  const findings = report.findings.filter((finding) => finding.subject === subject);
  assert.equal(findings.length, 1, `${subject} in:\n${report}`);
  return findings[0];
};

function assertFound(report, subject, ok, says) {
  const finding = found(report, subject);
  assert.equal(finding.ok, ok, `${subject}: ${finding.says}`);
  assert.match(finding.says, says);
}

test('names the package, the engine and the chosen variant', async () => {
  const report = await doctor();
  assert.equal(report.version, version);
  assert.ok(report.engine.includes(process.versions.node), report.engine);
  assert.ok(report.engine.includes(process.versions.v8), report.engine);
  assert.equal(report.variant, RUNNABLE[0]);
  const hasRelaxed = RUNNABLE.includes('relaxed');
  assertFound(report, 'WebAssembly', true, /has it/);
  assertFound(report, '128-bit SIMD', true, /has it/);
  assertFound(report, 'relaxed SIMD', hasRelaxed, hasRelaxed ? /has it/ : /relaxed_madd/);
  assertFound(report, 'policy', true, /may be compiled/);
  assertFound(report, 'FinalizationRegistry', true, /is there/);
  assertFound(report, 'TextDecoder', true, /is there/);
  assertFound(report, 'import.meta.url', true, /is there/);
  assertFound(report, 'SharedArrayBuffer', true, /constructed/);
  assertFound(report, 'workers', true, /there are workers/);
  assertFound(report, 'variant', true, new RegExp(`^'${RUNNABLE[0]}'.*not 'scalar': not needed`));
  assertFound(report, 'loading', true, /8\.98592\d*, 9\.98592\d*$/);
});

test('the text has a line for each finding, and the engine', async () => {
  const report = await doctor();
  const [title, ...lines] = String(report).split('\n');
  assert.equal(title, `qkv ${version} in ${report.engine}`);
  assert.equal(lines.length, report.findings.length);
  for (const [i, { subject, ok, says }] of report.findings.entries())
    assert.equal(lines[i], `${ok ? '✓' : '✗'} ${subject}: ${says}`);
});

test("a policy that forbids instances, with WebKit's error: each finding is one line", async (context) => {
  const refusal = "Refused because 'unsafe-eval' is not allowed.\n (evaluating 'instantiate()')";
  context.mock.method(WebAssembly, 'instantiate', async () => {
    throw new WebAssembly.CompileError(refusal);
  });
  const report = await doctor();
  assertFound(report, 'policy', false, /unsafe-eval.*evaluating.*ERR_CSP\]$/);
  assertFound(report, 'loading', false, /unsafe-eval.*evaluating.*ERR_CSP\]$/);
  assert.equal(String(report).split('\n').length, 1 + report.findings.length);
});

test('loads as its options say', async () => {
  const report = await doctor({ deterministic: true });
  assert.equal(report.variant, 'simd');
  if (RUNNABLE.includes('relaxed')) assertFound(report, 'variant', true, /deterministic/);
});

test('a missing .wasm, and an unknown option', async () => {
  const wasm = new URL('no.wasm', import.meta.url);
  assertFound(await doctor({ wasm }), 'loading', false, /no\.wasm.*ENOENT.*ERR_WASM_NOT_FOUND/);
  assertFound(await doctor({ varaint: 'simd' }), 'loading', false, /'variant'.*ERR_OPTION/);
});

test('memory: the largest reservation, and the largest growth', async (context) => {
  assertFound(
    await doctor(),
    'memory',
    true,
    /^4096 MiB can be reserved; had 256 MiB; an instance gets up to 4096 MiB$/,
  );
  const { Memory } = WebAssembly;
  context.after(() => {
    WebAssembly.Memory = Memory;
  });
  WebAssembly.Memory = class extends Memory {
    constructor({ initial, maximum }) {
      if (maximum > 2 ** 14) throw new RangeError('could not allocate memory');
      super({ initial, maximum });
    }
    grow(pages) {
      if (this.buffer.byteLength >= 2 ** 26) throw new RangeError('failed to grow memory');
      return super.grow(pages);
    }
  };
  assertFound(await doctor(), 'memory', true, /^1024 MiB can be reserved; had 64 MiB/);
});

test('the memory of an instance is what it was given', async () => {
  const report = await doctor({ maxMemory: 2 ** 26 });
  assertFound(report, 'memory', true, /; an instance gets up to 64 MiB$/);
});

test('hosts without FinalizationRegistry and TextDecoder: the report has what that means', async (context) => {
  for (const name of ['FinalizationRegistry', 'TextDecoder']) {
    const had = globalThis[name];
    context.after(() => {
      globalThis[name] = had;
    });
    delete globalThis[name];
  }
  const report = await doctor();
  assertFound(report, 'FinalizationRegistry', false, /^missing.*dispose/);
  assertFound(report, 'TextDecoder', false, /^missing.*does not need/);
  assert.match(String(report), /^✗ FinalizationRegistry: missing/m);
  assert.match(String(report), /^✗ TextDecoder: missing/m);
});

test('a bundle without import.meta.url: the report names the entry that needs none', async () => {
  const folder = new URL('.', import.meta.resolve('qkv/doctor'));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('doctor.js', folder))],
    bundle: true,
    format: 'cjs',
    platform: 'browser',
    write: false,
    logLevel: 'silent',
  });
  const module = { exports: {} };
  new Function('module', 'exports', outputFiles[0].text)(module, module.exports);
  const report = await module.exports.doctor();
  assertFound(report, 'import.meta.url', false, /^missing.*'qkv\/inline'/);
});

test('an engine without WebAssembly', async (context) => {
  const { WebAssembly: had } = globalThis;
  context.after(() => {
    globalThis.WebAssembly = had;
  });
  delete globalThis.WebAssembly;
  const report = await doctor();
  assert.equal(report.variant, undefined);
  assertFound(report, 'WebAssembly', false, /no WebAssembly/);
  assertFound(report, 'policy', false, /WebAssembly is not defined/);
  assertFound(report, 'memory', false, /WebAssembly is not defined/);
  assertFound(report, 'variant', false, /^none; not 'relaxed'/);
  assertFound(report, 'loading', false, /ERR_UNSUPPORTED/);
});
