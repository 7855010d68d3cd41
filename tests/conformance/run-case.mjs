// One case of the ONNX data through the public API, in Node and in browsers alike.

import { ATTENTION_WAYS } from './attention-op.mjs';
import { ROTARY_WAYS } from './rotary-op.mjs';
import { decodeTensor } from './tensor-file.mjs';

const WAYS = { Attention: ATTENTION_WAYS, RotaryEmbedding: ROTARY_WAYS };
const DOMAINS = ['ai.onnx', '', undefined];

const FLOAT32 = { relative: 1e-5, absolute: 1e-6 };
const FLOAT16 = { relative: 2e-3, absolute: 1e-3 };

/** Runs `description` (a case.json) in each way: { way, failure }[], where failure is undefined or a text. */
export function runCase(attention, description, bytesOf) {
  let node;
  try {
    node = decodeCase(description, bytesOf);
  } catch (error) {
    return [{ way: 'decode', failure: String(error) }];
  }
  return Object.entries(node.ways).map(([way, compute]) => {
    try {
      return { way, failure: firstDifference(compute(attention, node), node) };
    } catch (error) {
      return { way, failure: String(error) };
    }
  });
}

function decodeCase({ op, domain, attributes, inputs, outputs }, bytesOf) {
  const ways = DOMAINS.includes(domain) ? WAYS[op] : undefined;
  if (!ways) throw new Error(`op ${domain}.${op} is not known here`);
  const present = (tensors) =>
    tensors
      .filter(({ missing }) => !missing)
      .map((tensor) => [tensor.param, decodeTensor(tensor, bytesOf(tensor.file))]);
  const decoded = {
    inputs: Object.fromEntries(present(inputs)),
    outputs: Object.fromEntries(present(outputs)),
  };
  if (Object.keys(decoded.outputs).length === 0) throw new Error('no output to compare');
  return { ways, attributes, ...decoded };
}

function firstDifference(actual, { outputs }) {
  for (const [name, expected] of Object.entries(outputs)) {
    if (!actual[name]) return `output ${name} is not known here`;
    const tolerance = expected.dtype === 'float16' ? FLOAT16 : FLOAT32;
    const difference = differenceOf(actual[name], expected, tolerance);
    if (difference) return `${name}${difference}`;
  }
  return undefined;
}

/** The first difference: shapes, NaN and infinities must be equal, other numbers within the tolerance. */
export function differenceOf(actual, expected, { relative, absolute }) {
  if (String(actual.shape) !== String(expected.shape))
    return `: shape [${actual.shape}], expected [${expected.shape}]`;
  if (actual.data.length !== expected.data.length)
    return `: ${actual.data.length} elements, expected ${expected.data.length}`;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i], expected.data[i]];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    if (Math.abs(a - e) <= absolute + relative * Math.abs(e) && Number.isFinite(e)) continue;
    return `[${i}]: ${a}, expected ${e}`;
  }
  return undefined;
}
