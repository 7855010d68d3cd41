// The chart of a record: the share of the machine's limit that each contender reaches.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { threeDigits, wholePercent } from './format.mjs';
import { summaryOf } from './summary.mjs';

const SHOWN = [
  ['D=64, L=512', '512 queries and keys'],
  ['D=64, L=2048', '2048 queries and keys'],
  ['decode, 16k keys', '1 query, 16k keys in a KV cache'],
];
const CONTENDERS = [
  ['qkv, relaxed SIMD', /^qkv relaxed$/],
  ['qkv, SIMD', /^qkv simd$/],
  ['onnxruntime-web', /^onnxruntime-web (?!.*constant)/],
  ['jax-js', /^jax-js$/],
  ['tfjs-backend-wasm', /^tfjs/],
  ['plain JavaScript', /^plain/],
];
// The colours of the page, in its light and its dark theme.
const STYLE = `
  svg.benchmark { --paper: #fbfaf7; --ink: #1d1f24; --muted: #5a5f6b; --own: #0a62a3; --other: #a9adb8;
    color: var(--ink); font-family: system-ui, sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg.benchmark { --paper: #15171b; --ink: #e9e7e1; --muted: #a3a8b3; --own: #6db9f2; --other: #5a5f6b; }
  }`;
const WIDTH = 760;

/** A self-contained SVG of what the record's first engine measured. */
export function chartOf(record) {
  const { document } = parseHTML('<!DOCTYPE html><html></html>');
  const bars = barsOf(record);
  const measured = bars.filter(({ share }) => share > 0);
  const problems = [...new Set(bars.map(({ problem }) => problem))];
  const row = { y: 'contender', fy: 'problem' };
  const svg = Plot.plot({
    document,
    className: 'plot',
    ...{ width: WIDTH, height: 100 + problems.length * (24 * CONTENDERS.length + 34) },
    ...{ marginLeft: 150, marginRight: 90, marginTop: 62, marginBottom: 40 },
    x: { domain: [0, 100], percent: true, clamp: true, label: null, tickFormat: (x) => `${x}%` },
    y: { domain: CONTENDERS.map(([name]) => name), label: null, tickSize: 0, padding: 0.25 },
    fy: { domain: problems, label: null, axis: null, padding: 0.22 },
    marks: [
      Plot.gridX({ stroke: 'var(--muted)', strokeOpacity: 0.25 }),
      Plot.barX(measured, { ...row, x: 'share', fill: 'fill' }),
      Plot.ruleY(measured, { ...row, x1: 'low', x2: 'high', stroke: 'var(--ink)' }),
      Plot.text(bars, {
        ...row,
        x: 'high',
        text: 'label',
        textAnchor: 'start',
        dx: 6,
        fontSize: 12,
      }),
      Plot.ruleX([1], { stroke: 'var(--ink)', strokeDasharray: '3 3' }),
      Plot.text(
        problems.map((problem) => ({ problem })),
        { fy: 'problem', text: 'problem', frameAnchor: 'top-left', ...TITLE },
      ),
    ],
    style: { fontSize: 12 },
  });
  return finish(svg, document, record);
}

const TITLE = { dy: -16, fontWeight: 600, fontSize: 13 };

/** The chart in words, for readers who do not see it. */
export function describeChart(record) {
  const bars = barsOf(record).filter(({ share }) => share > 0);
  const lines = [...new Set(bars.map(({ problem }) => problem))].map((title) => {
    const shares = bars.filter(({ problem }) => problem === title);
    const each = shares.map(({ contender, share }) => `${contender} ${wholePercent(share)}`);
    return `${title}: ${each.join(', ')}`;
  });
  return `Share of the machine's limit, ${engineOf(record)}. ${lines.join('. ')}.`;
}

function engineOf({ engines: [{ name, version }] }) {
  return `${name} ${version}`;
}

function barsOf({ engines: [{ groups }] }) {
  return SHOWN.flatMap(([name, problem]) => {
    const group = groups.find((each) => each.name === name);
    const rows = group ? summaryOf(group).filter((row) => row.problem) : [];
    return CONTENDERS.flatMap(([contender, pattern]) => {
      const [best] = rows
        .filter((row) => pattern.test(row.contender))
        .sort((a, b) => (b.rate?.median ?? 0) - (a.rate?.median ?? 0));
      return best ? [barOf(best, { contender, problem, unit: group.unit })] : [];
    });
  });
}

/** A bar as long as the share of the limit, with the spread of the rate; or no bar, with the reason. */
function barOf({ ofLimit, rate, reason }, { contender, problem, unit }) {
  if (!rate) return { contender, problem, share: 0, low: 0, high: 0, label: reason };
  return {
    ...{ contender, problem, share: ofLimit },
    low: (ofLimit * rate.low) / rate.median,
    high: (ofLimit * rate.high) / rate.median,
    label: `${threeDigits(rate.median)} ${unit}`,
    fill: contender.startsWith('qkv') ? 'var(--own)' : 'var(--other)',
  };
}

function finish(svg, document, record) {
  const element = (name, attributes, text = '') => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('class', 'plot benchmark');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', 'benchmark-title benchmark-text');
  const title = `Share of the limit of one core (dashed line), ${engineOf(record)}`;
  svg.prepend(
    element('title', { id: 'benchmark-title' }, 'Attention: share of the limit of the machine'),
    element('desc', { id: 'benchmark-text' }, describeChart(record)),
    element('style', {}, STYLE),
    element('rect', { width: '100%', height: '100%', fill: 'var(--paper)' }),
    element('text', { x: 16, y: 26, fill: 'var(--muted)', 'text-anchor': 'start' }, title),
  );
  return `${svg.outerHTML}\n`;
}
