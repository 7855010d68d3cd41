// What a program in TypeScript writes, under the strictest options. Compiled, and then run.
import { type Attention, type AttentionResult, createAttention, QkvError, type Tensor } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from './probe/probe.mjs';

function outputOf(attention: Attention, query: Tensor): Tensor {
  const result: AttentionResult = attention.attend(query, query, query, { isCausal: true });
  return result.output;
}

async function refusal(): Promise<string | undefined> {
  const attention = await createAttention();
  try {
    outputOf(attention, { data: new Float32Array(4), shape: [2, 2] });
    // @ts-expect-error an option that there is not
    attention.attend([[1]], [[1]], [[1]], { causal: true });
    return undefined;
  } catch (error) {
    return error instanceof QkvError ? error.code : undefined;
  } finally {
    attention.dispose();
  }
}

const code = await refusal();
const program = await settled(probe({ createAttention, createAttentionPool }));
const complaints = code === 'ERR_OPTION' ? [] : [`an unknown option was answered with ${code}`];
console.log(JSON.stringify({ places: { program }, complaints }));
