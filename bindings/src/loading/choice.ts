import { advice, QkvError } from '../errors.js';
import type { Variant } from '../types.js';
import type { Settings } from './settings.js';
import { reasonAgainst, VARIANTS } from './variants.js';

/** A variant that cannot be chosen. */
interface Rejected {
  readonly variant: Variant;
  readonly reason: string;
}

/** The variants that this engine runs and the caller allows, and the reasons against the others. */
export function usableVariants(deterministic: boolean) {
  const rejected: Rejected[] = [];
  const usable = VARIANTS.filter((variant) => {
    const reason =
      reasonAgainst(variant) ??
      (deterministic && variant === 'relaxed'
        ? 'its bits may differ between CPUs, and deterministic was asked for'
        : undefined);
    if (reason !== undefined) rejected.push({ variant, reason });
    return reason === undefined;
  });
  return { usable, rejected };
}

/** The variant to load. */
export function choose(
  wanted: Settings['wanted'],
  usable: readonly Variant[],
  rejected: readonly Rejected[],
): Variant {
  const variant = wanted === 'auto' ? usable[0] : usable.find((name) => name === wanted);
  if (variant !== undefined) return variant;
  const reasons = rejected.filter(({ variant }) => wanted === 'auto' || variant === wanted);
  throw new QkvError('ERR_UNSUPPORTED', {
    argument: 'variant',
    expected:
      wanted === 'auto' ? 'an engine that runs WebAssembly' : `an engine that runs '${wanted}'`,
    received: [...new Set(reasons.map(({ reason }) => reason))].join('; '),
    fix:
      usable.length > 0
        ? advice`This engine runs ${usable.map((name) => `'${name}'`).join(' and ')}; 'auto' picks one.`
        : advice`Use a newer engine, or one where it is not turned off.`,
  });
}

/** The variant of the .wasm that the caller gave, if it is wanted and usable. */
export function expectUsable(
  actual: Variant,
  wanted: Settings['wanted'],
  usable: readonly Variant[],
  rejected: readonly Rejected[],
): Variant {
  if (wanted !== 'auto') {
    throw new QkvError('ERR_OPTION', {
      argument: 'wasm',
      expected: `the .wasm of variant '${wanted}'`,
      received: `that of '${actual}'`,
      fix: advice`Pass qkv.${wanted}.wasm, or leave the variant 'auto'.`,
    });
  }
  return choose(actual, usable, rejected);
}

/** All other variants, and why they were not chosen. */
export function reasonsAgainstOthers(
  variant: Variant,
  rejected: readonly Rejected[],
  wanted: Settings['wanted'],
) {
  return VARIANTS.filter((name) => name !== variant).map((name) => ({
    variant: name,
    reason:
      rejected.find((r) => r.variant === name)?.reason ??
      (wanted === 'auto'
        ? VARIANTS.indexOf(name) > VARIANTS.indexOf(variant)
          ? `not needed, '${variant}' runs here`
          : `the given .wasm is '${variant}'`
        : `'${variant}' was asked for`),
  }));
}
