import type { Computation } from '../state/computation.ts';
import type { Model, Options } from '../state/model.ts';
import { arrayLiteral, nested, printed } from './literals.ts';

/** A module that computes the numbers of the page. */
export function javascript(model: Model, heads: readonly Computation[]): string {
  return `import { createAttention } from 'qkv';

const q = ${arrayLiteral(model, 'q')};
const k = ${arrayLiteral(model, 'k')};
const v = ${arrayLiteral(model, 'v')};

const attention = await createAttention();
const { weights, output } = attention.attend(q, k, v, ${optionsOf(model.options)});

console.log(weights.data); // ${printed(heads, 'weights')}
console.log(output.data); // ${printed(heads, 'output')}
`;
}

function optionsOf(options: Options): string {
  const { scale, causal, alignEnd, left, right, mask, softcap } = options;
  const bounds = [...bound('left', left), ...bound('right', right)];
  const fields = [
    ...(scale === 'root' ? [] : [`scale: ${scale === 'off' ? 1 : `1 / ${scale}`}`]),
    ...(causal ? ['isCausal: true'] : []),
    ...(alignEnd ? ["queryOffset: 'end'"] : []),
    ...(bounds.length > 0 ? [`window: { ${bounds.join(', ')} }`] : []),
    ...(softcap > 0 ? [`softcap: ${softcap}`] : []),
    ...(mask ? [`mask: ${nested(mask, '  ')}`] : []),
    "capture: ['weights']",
  ];
  if (fields.length === 1) return `{ ${fields[0]} }`;
  return `{\n${fields.map((field) => `  ${field},\n`).join('')}}`;
}

function bound(name: string, value: number | null): string[] {
  return value === null ? [] : [`${name}: ${value}`];
}
