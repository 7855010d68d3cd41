// The table for the terminal: a row for each problem and contender.

import { markdownTable } from 'markdown-table';
import { duration, threeDigits, times, wholePercent } from './format.mjs';
import { spreadOf } from './statistics.mjs';
import { summaryOf } from './summary.mjs';

const HEADER = ['', 'contender', 'median', 'quartiles', '', 'of the limit', '× onnxruntime-web'];
const ALIGNMENT = ['l', 'l', 'r', 'r', 'l', 'r', 'r'];

/** All measurements of an engine. */
export function engineTable({ name, version, detail, groups, cold = [] }) {
  const rows = [...groups.flatMap(rowsOfGroup), ...rowsOfCold(cold)];
  const title = [`${name} ${version}`, detail].filter(Boolean).join(', ');
  return `${title}\n\n${markdownTable([HEADER, ...rows], { align: ALIGNMENT })}`;
}

function rowsOfGroup(group) {
  let previous;
  const rows = summaryOf(group).map((row) => {
    const { problem = group.name, contender, reason, rate, ofLimit, timesOnnxruntime } = row;
    const label = problem === previous ? '' : problem;
    previous = problem;
    if (reason) return [label, contender, '–', '', reason, '', ''];
    return [
      label,
      contender,
      threeDigits(rate.median),
      `${threeDigits(rate.low)} to ${threeDigits(rate.high)}`,
      group.unit,
      ofLimit ? wholePercent(ofLimit) : '',
      timesOnnxruntime ? times(timesOnnxruntime) : '',
    ];
  });
  return group.reason ? [...rows, [group.name, '', '–', '', group.reason, '', '']] : rows;
}

const STEPS = {
  'import to first output': ({ loading, firstCall }) => loading + firstCall,
  'first call': ({ firstCall }) => firstCall,
  'warm call': ({ warmCall }) => warmCall,
};

function rowsOfCold(cold) {
  return cold.flatMap(({ problem, contender, steps, runs, reason }) => {
    const label = `fresh process, ${problem}`;
    if (reason) return [[label, contender, '–', '', reason, '', '']];
    if (runs.length === 0) return [];
    return steps.map((step, i) => {
      const { median, low, high } = spreadOf(runs.map(STEPS[step]));
      const range = `${duration(low)} to ${duration(high)}`;
      return [i === 0 ? label : '', `${contender}, ${step}`, duration(median), range, '', '', ''];
    });
  });
}
