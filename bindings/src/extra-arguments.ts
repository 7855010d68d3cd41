import { advice, describe, QkvError } from './errors.js';

/** Throws if the caller gave more arguments than `signature` has; nothing would read them. */
export function expectNoMore(signature: string, more: readonly unknown[]): void {
  const extra = more.find((argument) => argument !== undefined);
  if (extra === undefined) return;
  throw new QkvError('ERR_TYPE', {
    argument: 'arguments',
    expected: signature,
    received: `one more: ${describe(extra)}`,
    fix: advice`Leave it out.`,
  });
}
