/** Symbol.dispose; in engines without it, the symbol that transpilers use instead. */
export const DISPOSE: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);
