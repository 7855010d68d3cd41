import type { Page } from '@playwright/test';

/** Makes the engine of the browser look like one without some instructions, by their first bytes. */
export async function withoutOpcodes(page: Page, prefix: number[]): Promise<void> {
  await page.addInitScript((bytes) => {
    const validate = WebAssembly.validate;
    WebAssembly.validate = (source: BufferSource) => {
      const buffer = ArrayBuffer.isView(source) ? source.buffer : source;
      const offset = ArrayBuffer.isView(source) ? source.byteOffset : 0;
      const module = new Uint8Array(buffer, offset, source.byteLength);
      const found = module.some((_, at) => bytes.every((byte, i) => module[at + i] === byte));
      return !found && validate(source);
    };
  }, prefix);
}

export const RELAXED_MADD = [0xfd, 0x85, 0x02];
export const ANY_SIMD = [0xfd];
