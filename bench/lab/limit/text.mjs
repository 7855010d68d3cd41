// Builds WebAssembly text.

/** 0, 1, …, count − 1. */
export function range(count) {
  return Array.from({ length: count }, (_, i) => i);
}

/** prefix0, prefix1, … */
export function names(prefix, count) {
  return range(count).map((i) => `${prefix}${i}`);
}

export function locals(all, type) {
  return all.map((name) => `(local ${name} ${type})`).join(' ');
}
