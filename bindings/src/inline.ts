// The same package as one file that fetches nothing (loading/wasm-inside.ts).
export * from './index.js';
