/** What a loader of build.mjs makes of a .wasm: its bytes. */
declare module '#bytes/*' {
  export function bytes(): Uint8Array<ArrayBuffer>;
}

/** As Cloudflare Workers import a .wasm, compiled. */
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
