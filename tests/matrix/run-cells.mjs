// Runs cells one after the other, each from a fresh copy of its app, and judges their reports.

import { createAttention } from 'qkv';
import { Browsers } from './browsers.mjs';
import { packAndInstall } from './installed-package.mjs';
import { judge } from './judge.mjs';
import { probe } from './probe/probe.mjs';
import { within } from './processes.mjs';

const LIMIT = 240_000;

/** Resolves to rows: { cell, version, places, seconds, failures: { place?, check, reason }[] }. */
export async function runCells(cells) {
  const bits = await bitsOfScalar();
  const browsers = new Browsers();
  const context = { ...(await packAndInstall()), browsers };
  const rows = [];
  try {
    for (const cell of cells) rows.push(await runCell(cell, context, bits));
  } finally {
    await browsers.close();
  }
  return rows;
}

async function runCell(cell, context, bits) {
  const began = performance.now();
  const row = { cell, places: {}, failures: [] };
  try {
    Object.assign(row, await within(LIMIT, cell.run(context), () => cell.name));
    for (const [place, report] of Object.entries(row.places))
      row.failures.push(
        ...judge(report, { bits, ...expectedIn(place, cell) }).map((failure) => ({
          place,
          ...failure,
        })),
      );
    if (Object.keys(row.places).length === 0)
      row.failures.push({ check: 'report', reason: 'nothing was reported' });
    row.failures.push(...row.complaints.map((reason) => ({ check: 'complaints', reason })));
  } catch (error) {
    row.failures.push({ check: 'report', reason: error.stack });
  }
  row.seconds = (performance.now() - began) / 1000;
  const mark = row.failures.length === 0 ? '✓' : '✗';
  console.log(`${mark} ${cell.name.padEnd(24)} ${row.seconds.toFixed(1).padStart(6)} s`);
  for (const { place, check, reason } of row.failures)
    console.log(
      `    ${[place, check].filter(Boolean).join(', ')}: ${reason.replaceAll('\n', '\n      ')}`,
    );
  return row;
}

/** The expectation for one place of a cell: only the pool may differ between places. */
function expectedIn(place, { variant, pool = 'works' }) {
  return { variant, pool: typeof pool === 'string' ? pool : pool[place] };
}

/** The bits that every cell must report: those of 'scalar', computed here. */
async function bitsOfScalar() {
  const scalar = (options) => createAttention({ ...options, variant: 'scalar' });
  return (await probe({ createAttention: scalar })).bits;
}
