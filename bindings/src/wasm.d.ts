/** Cloudflare Workers import a .wasm as a compiled module, for `createAttention({ wasm })`. */
declare const module: WebAssembly.Module;
export default module;
