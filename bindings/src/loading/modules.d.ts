/** The bytes of a .wasm, from the loader in plugins/wasm-bytes.mjs. */
declare module '#bytes/*' {
  export function bytes(): Uint8Array<ArrayBuffer>;
}

/** Cloudflare Workers import a .wasm as a compiled module. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
