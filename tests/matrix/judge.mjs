// Checks a report. Each check is a column of the table.

import { CAUSAL, TOLERANCE, WORKED } from './expected.mjs';

export const CHECKS = ['worked example', 'causal L = 300', 'same bits', 'pool'];

/**
 * `expected` is { variant, bits, pool? }: pool is 'works', 'refused' where there are no workers, or
 * 'absent' where the app does not ask for one. Returns the failures, by check: { check, reason }[].
 */
export function judge(report, expected) {
  if (report === undefined) return [{ check: 'report', reason: 'nothing was reported' }];
  if (report.error) return [{ check: 'report', reason: describe(report.error) }];
  const failures = {
    variant: differs(report.variant, expected.variant),
    'worked example':
      strays(report.worked.weights, WORKED.weights) ?? strays(report.worked.output, WORKED.output),
    'causal L = 300': strays(report.causal, CAUSAL),
    'same bits': differs(report.bits, expected.bits),
    pool: judgePool(report.pool, expected),
  };
  return Object.entries(failures)
    .filter(([, reason]) => reason !== undefined)
    .map(([check, reason]) => ({ check, reason }));
}

function judgePool(pool, expected) {
  if (expected.pool === 'absent') return differs(pool, undefined);
  if (pool === undefined) return 'no pool was tried';
  if (expected.pool === 'refused') return differs(pool.refused?.code, 'ERR_UNSUPPORTED');
  if (pool.refused) return describe(pool.refused);
  return differs(pool.workers, 2) ?? differs(pool.bits, expected.bits);
}

function differs(actual, expected) {
  return actual === expected ? undefined : `expected ${expected}, received ${actual}`;
}

/** Absolute below 1, relative above, for the tens of the worked example. */
function strays(actual, expected) {
  if (actual?.length !== expected.length)
    return `expected ${expected.length} numbers, received ${actual?.length}`;
  const furthest = Math.max(
    ...expected.map((x, i) => Math.abs(actual[i] - x) / Math.max(1, Math.abs(x))),
  );
  // NaN fails the comparison.
  return furthest <= TOLERANCE ? undefined : `numbers differ by ${furthest}`;
}

function describe({ name, code, message, stack }) {
  return [code ?? name, message, stack].filter(Boolean).join('\n');
}
