// What follows from the samples of a group: rates, shares of the limit, ratios to onnxruntime-web.

import { ratioOf, spreadOf } from './statistics.mjs';

const SCALES = { 'GFLOP/s': 1e9, 'GB/s': 1e9 };

/**
 * The rows of a group, each with what can be said of it: `seconds` a call and `rate` in the group's
 * unit (µs: the time itself), both { median, low, high }; `ofLimit`, the share of what the machine
 * can do; `timesOnnxruntime`, how many times as fast as its best setting for the same problem.
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

// Keys that are part of the graph cannot grow, so nothing can be decoded with them.
function canDecode(contender) {
  return contender.startsWith('onnxruntime-web') && !contender.includes('constant keys');
}

/** The row of the limit that holds for this one of the group's rows. */
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

/** How many times as long as the first problem of the group the same contender takes for another. */
export function timesTheFirst(rows, row) {
  const first = rows.find(({ contender, problem }) => problem && contender === row.contender);
  return first?.samples && row.samples && ratioOf(row.samples, first.samples);
}
