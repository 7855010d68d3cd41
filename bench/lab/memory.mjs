// What a call takes beside its inputs and output: by how much the memory of the instance grows.

const LENGTH = 16384;
const DEPTH = 64;

/** { length, bytes } of one head with tensors that are in the memory already. */
export async function measureMemory({ variant, length = LENGTH }) {
  const { createAttention } = await import('qkv');
  const attention = await createAttention({ variant });
  const tensors = Array.from({ length: 3 }, () => attention.tensor([length, DEPTH]));
  const out = attention.tensor([length, DEPTH]);
  const before = attention.memory.bytes;
  attention.attend(...tensors, { out });
  const bytes = attention.memory.bytes - before;
  attention.dispose();
  return { length, bytes };
}
