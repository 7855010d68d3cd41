import { createAttention } from 'qkv';
import type { Plugin } from 'vite';
import { indices, type Matrix } from '../src/numbers/matrix.ts';
import { DIGITS, formatFixed, formatShort } from '../src/numbers/numberFormat.ts';
import { type Computation, compute } from '../src/state/computation.ts';
import { DEFAULT_MODEL } from '../src/state/model.ts';
import { STEPS } from '../src/state/steps.ts';
import { mathML } from './tex.ts';

const FORMULA =
  '\\mathrm{Attention}(Q, K, V) = \\mathrm{softmax}\\left(\\frac{QK^{\\top}}{\\sqrt{d_k}}\\right) V';

/**
 * The worked example as plain tables and MathML, for readers without JavaScript or WebAssembly. The same
 * engine computes it while the page is built, so none of its numbers is written by hand.
 */
export function staticExample(): Plugin {
  return {
    name: 'qkv:static-example',
    async transformIndexHtml(html) {
      if (!html.includes('<!--static-example-->')) return html;
      const engine = await createAttention();
      const [computation] = compute(engine, DEFAULT_MODEL);
      if (!computation) throw new Error('the example has one head');
      const example = article(computation);
      engine.dispose();
      return html
        .replace('<!--static-example:no-script-->', `${header()}<main>${example}</main>`)
        .replace('<!--static-example-->', example);
    },
  };
}

function header(): string {
  return `<header class="static"><h1>Attention, number by number</h1>
<p>With JavaScript you can change these numbers and follow them through the steps. The build of this page computed this example.</p></header>`;
}

function article(shown: Computation): string {
  const score = (value: number) => formatFixed(value, DIGITS.score);
  const weight = (value: number) => formatFixed(value, DIGITS.weight);
  const output = (value: number) => formatFixed(value, DIGITS.output);
  const results = [
    table('Scores', shown.products, 'q', 'k', formatShort),
    table('Scaled scores', shown.scaled, 'q', 'k', score),
    table('Weights', shown.weights, 'q', 'k', weight),
    table('Output, from unrounded weights', shown.output, 'q', null, output),
  ];
  const inputs = [
    table('Q, queries', shown.q, 'q', null, formatShort),
    table('K, keys', shown.k, 'k', null, formatShort),
    table('V, values', shown.v, 'v', null, formatShort),
  ];
  const steps = STEPS.map(
    ({ name, sentence }, step) =>
      `<li><h3>${name}</h3><p>${sentence}</p>${results[step] ?? ''}</li>`,
  );
  return `<section class="static" aria-labelledby="static-heading">
<h2 id="static-heading" class="visually-hidden">The worked example</h2>
${mathML(FORMULA, { display: true })}
<div class="static-inputs">${inputs.join('')}</div>
<ol id="steps" tabindex="-1">${steps.join('\n')}</ol></section>`;
}

const ROLES = { q: 'query', k: 'key', v: 'value' } as const;

function table(
  caption: string,
  matrix: Matrix,
  rowSymbol: keyof typeof ROLES,
  columnSymbol: keyof typeof ROLES | null,
  format: (value: number) => string,
): string {
  const name = (symbol: keyof typeof ROLES, index: number) =>
    `<span aria-hidden="true">${mathML(`${symbol}_${index + 1}`)}</span> <span class="visually-hidden">${ROLES[symbol]} ${index + 1}</span>`;
  const head = indices(matrix.columns).map(
    (column) =>
      `<th scope="col">${columnSymbol ? name(columnSymbol, column) : `column ${column + 1}`}</th>`,
  );
  const body = indices(matrix.rows).map((row) => {
    const cells = indices(matrix.columns).map(
      (column) => `<td>${format(matrix.at(row, column))}</td>`,
    );
    return `<tr><th scope="row">${name(rowSymbol, row)}</th>${cells.join('')}</tr>`;
  });
  return `<table><caption>${caption}</caption><thead><tr><td></td>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}
