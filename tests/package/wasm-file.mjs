// The binary format, as far as these tests need it: https://webassembly.github.io/spec/core/binary/

import { readFileSync } from 'node:fs';

/** Where the .wasm of a variant is: what the package exports. */
export function wasmUrl(variant) {
  return new URL(import.meta.resolve(`qkv/qkv.${variant}.wasm`));
}

export function wasmBytes(variant) {
  return new Uint8Array(readFileSync(wasmUrl(variant)));
}

export const EMPTY_MODULE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
const CUSTOM = 0;

/** An unsigned LEB128 number, and where it ends. */
function leb128(bytes, start) {
  let value = 0;
  for (let at = start, factor = 1; ; at++, factor *= 128) {
    value += (bytes[at] & 0x7f) * factor;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

/** Sections in order: { id, start, end, name, content }, the last two of custom sections only. */
export function sectionsOf(bytes) {
  const sections = [];
  for (let start = EMPTY_MODULE.length; start < bytes.length; ) {
    const id = bytes[start];
    const [size, body] = leb128(bytes, start + 1);
    const section = { id, start, end: body + size };
    if (id === CUSTOM) {
      const [length, name] = leb128(bytes, body);
      section.name = new TextDecoder().decode(bytes.subarray(name, name + length));
      section.content = bytes.subarray(name + length, section.end);
    }
    sections.push(section);
    start = section.end;
  }
  return sections;
}

/** A module with only a custom section `qkv` that holds `text`. */
export function moduleThatSays(text) {
  const content = new TextEncoder().encode(text);
  const name = new TextEncoder().encode('qkv');
  const size = 1 + name.length + content.length;
  return Uint8Array.of(...EMPTY_MODULE, CUSTOM, size, name.length, ...name, ...content);
}

/** The .wasm of a variant with another version, of the same length. */
export function ofVersion(version, variant) {
  const bytes = wasmBytes(variant);
  const { content } = sectionsOf(bytes).find(({ name }) => name === 'qkv');
  content.set(new TextEncoder().encode(version));
  return bytes;
}
