// The contents of the files: opcodes, and nothing that a strict policy or a bundler refuses.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import binaryen from 'binaryen';
import { VARIANTS } from './variants.mjs';
import { sectionsOf, wasmBytes, wasmUrl } from './wasm-file.mjs';

/** The text format of a variant, every function of it. */
function textOf(variant) {
  const module = binaryen.readBinary(wasmBytes(variant));
  try {
    assert.ok(module.getNumFunctions() > 10);
    return module.emitText();
  } finally {
    module.dispose();
  }
}

/** Bytes that the module imports its memory with. */
function initialMemoryOf(bytes) {
  const module = binaryen.readBinary(bytes);
  try {
    return module.getMemoryInfo().initial * 65536;
  } finally {
    module.dispose();
  }
}

const DIST = new URL('dist/', import.meta.resolve('qkv/package.json'));
const SCRIPTS = readdirSync(DIST, { recursive: true }).filter((name) => name.endsWith('.js'));
const VECTOR = /\bv128\b|\b[if](8x16|16x8|32x4|64x2)\./;

test('relaxed has the relaxed multiply-add opcode', () => {
  const text = textOf('relaxed');
  const count = text.match(/\bf32x4\.relaxed_madd\b/g)?.length ?? 0;
  assert.ok(count > 100, `${count} relaxed_madd`);
});

test('simd has vector opcodes, and no relaxed one', () => {
  const text = textOf('simd');
  assert.match(text, VECTOR);
  assert.match(text, /\bf32x4\.mul\b/);
  assert.doesNotMatch(text, /relaxed/);
});

test('scalar has no vector opcode', () => {
  const text = textOf('scalar');
  assert.match(text, /\bf32\.mul\b/);
  assert.doesNotMatch(text, VECTOR);
  assert.doesNotMatch(text, /relaxed/);
});

for (const variant of VARIANTS) {
  test(`${variant} holds its version, its name and its initial memory`, () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', wasmUrl(variant))));
    const bytes = wasmBytes(variant);
    const ours = sectionsOf(bytes).filter(({ name }) => name === 'qkv');
    assert.equal(ours.length, 1);
    const said = new TextDecoder().decode(ours[0].content);
    assert.equal(said, `${version} ${variant} ${initialMemoryOf(bytes)}`);
  });

  test(`${variant} carries no names, no debug information and no path`, () => {
    const bytes = wasmBytes(variant);
    const names = sectionsOf(bytes).map(({ name }) => name ?? '');
    assert.deepEqual(
      names.filter((name) => name.startsWith('.debug') || /^(name|sourceMappingURL)$/.test(name)),
      [],
    );
    assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), /\/(home|work|root|tmp|usr)\//);
  });
}

for (const name of SCRIPTS) {
  const script = readFileSync(new URL(name, DIST), 'utf8');
  const lacks = (forbidden) => assert.ok(!forbidden.test(script), `${name} has ${forbidden}`);

  test(`${name} evaluates no strings, and imports only files beside it`, () => {
    for (const forbidden of [/\beval\s*\(/, /\bFunction\s*\(/]) lacks(forbidden);
    lacks(/\b(from|import|require)\s*\(?\s*["'`](?!\.{1,2}\/)/);
    lacks(name.startsWith('cjs/') ? /\brequire\s*\((?!["'])/ : /\brequire\s*\(/);
    lacks(/\/(home|work|root|tmp)\//);
  });

  test(`${name} is ES2022`, () => {
    lacks(/\busing [\w$]+\s*=/);
  });
}
