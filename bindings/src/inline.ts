// The same package as one file that fetches nothing: the build puts the variants in the place of their
// addresses.
export * from './index.js';
