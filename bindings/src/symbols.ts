/** Engines before `using` have no Symbol.dispose; transpilers then agree on this one. */
export const DISPOSE: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);
