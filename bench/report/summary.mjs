// Computes rates, shares of the limit and ratios to onnxruntime-web from the samples of a group.

import { ratioOf, spreadOf } from './statistics.mjs';

const SCALES = { 'GFLOP/s': 1e9, 'GB/s': 1e9 };

/**
 * The rows of a group with `seconds` a call and `rate` in the group's unit (for µs: the time), both
 * { median, low, high }; `ofLimit`, the share of the limit; and `timesOnnxruntime`, how many times as fast as
 * onnxruntime-web's best setting for the same problem.
 */
export function summaryOf({ unit, rows }) {
  return rows.map((row) => {
    if (!row.samples) return row;
    const limit = limitOf(rows, row, unit);
    const peer = fastest(
      rows.filter(({ problem, contender }) => problem === row.problem && canDecode(contender)),
    );
    return {
      ...row,
      seconds: spreadOf(row.samples),
      rate: spreadOf(row.samples.map((seconds) => inUnit(row, unit, seconds))),
      ofLimit: limit && ratioOf(ratesOf(row, unit), ratesOf(limit, unit)),
      timesOnnxruntime: row.problem && peer && ratioOf(peer.samples, row.samples),
    };
  });
}

// No key can be added to constants of a graph, so a model cannot decode with them.
function canDecode(contender) {
  return contender.startsWith('onnxruntime-web') && !contender.includes('constant keys');
}

/** The row of the limit that bounds this row of the group. */
export function limitOf(rows, { bytes }, unit) {
  if (unit === 'µs') return undefined;
  if (unit === 'GFLOP/s')
    return fastest(
      rows.filter(({ limit }) => limit === 'fused'),
      unit,
    );
  return rows.find(
    ({ limit, bytes: read, samples }) => limit === 'read' && samples && read === bytes,
  );
}

function fastest(rows) {
  const timed = rows.filter(({ samples }) => samples);
  const secondsOfWork = ({ samples, operations }) => spreadOf(samples).median / (operations || 1);
  return timed.sort((a, b) => secondsOfWork(a) - secondsOfWork(b))[0];
}

function ratesOf(row, unit) {
  return row.samples.map((seconds) => inUnit(row, unit, seconds));
}

function inUnit({ operations, bytes }, unit, seconds) {
  if (unit === 'µs') return seconds * 1e6;
  return (unit === 'GB/s' ? bytes : operations) / seconds / SCALES[unit];
}

/** The time of a row, as a multiple of the same contender's time for the group's first problem. */
export function timesTheFirst(rows, row) {
  const first = rows.find(({ contender, problem }) => problem && contender === row.contender);
  return first?.samples && row.samples && ratioOf(row.samples, first.samples);
}
