/** As Cloudflare Workers import a .wasm, compiled: for `createAttention({ wasm })`. */
declare const module: WebAssembly.Module;
export default module;
