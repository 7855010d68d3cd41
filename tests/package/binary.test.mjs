// What is in the files: opcodes, sizes, and nothing that a strict policy or a bundler would refuse.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { brotliCompressSync, constants } from 'node:zlib';
import binaryen from 'binaryen';
import { VARIANTS } from './variants.mjs';
import { sectionsOf, wasmBytes, wasmUrl } from './wasm-file.mjs';

const BUDGET = 30 * 1024;

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

const glueOf = (variant) => readFileSync(new URL(`qkv.${variant}.js`, wasmUrl(variant)), 'utf8');
const VECTOR = /\bv128\b|\b[if](8x16|16x8|32x4|64x2)\./;

test('relaxed multiplies and adds in one rounding', () => {
  const text = textOf('relaxed');
  const count = text.match(/\bf32x4\.relaxed_madd\b/g)?.length ?? 0;
  assert.ok(count > 100, `${count} relaxed_madd`);
});

test('simd has vectors, and no relaxed opcode', () => {
  const text = textOf('simd');
  assert.match(text, VECTOR);
  assert.match(text, /\bf32x4\.mul\b/);
  assert.doesNotMatch(text, /relaxed/);
});

test('scalar has no vector at all', () => {
  const text = textOf('scalar');
  assert.match(text, /\bf32\.mul\b/);
  assert.doesNotMatch(text, VECTOR);
  assert.doesNotMatch(text, /relaxed/);
});

for (const variant of VARIANTS) {
  test(`${variant} says its release and its name`, () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', wasmUrl(variant))));
    const ours = sectionsOf(wasmBytes(variant)).filter(({ name }) => name === 'qkv');
    assert.equal(ours.length, 1);
    assert.equal(new TextDecoder().decode(ours[0].content), `${version} ${variant}`);
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

  test(`${variant} and its glue are at most ${BUDGET} bytes as brotli`, (context) => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    const sizes = [glueOf(variant), wasmBytes(variant)].map(
      (content) => brotliCompressSync(content, { params }).length,
    );
    const total = sizes[0] + sizes[1];
    context.diagnostic(`glue ${sizes[0]} + wasm ${sizes[1]} = ${total} bytes`);
    assert.ok(total <= BUDGET, `glue ${sizes[0]} + wasm ${sizes[1]} = ${total} bytes`);
  });

  test(`the glue of ${variant} makes no code from strings, and imports nothing`, () => {
    const glue = glueOf(variant);
    for (const forbidden of [/\beval\b/, /new Function\b/, /\bFunction\(/, /node:/, /\brequire\(/])
      assert.doesNotMatch(glue, forbidden);
    assert.doesNotMatch(glue, /\bimport\s*[({'"*]/);
    assert.doesNotMatch(glue, /\/(home|work|root|tmp)\//);
  });
}
