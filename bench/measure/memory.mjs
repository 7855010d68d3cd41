// The memory of a call beyond its inputs and output: the smallest allowance with which the call succeeds.

const MOST = 2 ** 22;
const STEP = 2 ** 15;

/** { length, bytes } for one head whose tensors are already in WebAssembly memory; `bytes` to 32 KiB. */
export async function measureMemory({ variant, length, depth }) {
  const { createAttention } = await import('qkv');
  const tensors = 4 * 4 * length * depth;
  const succeedsWith = async (bytes) => {
    const attention = await createAttention({ variant, maxMemory: tensors + bytes });
    try {
      const [query, key, value, out] = Array.from({ length: 4 }, () =>
        attention.tensor([length, depth]),
      );
      attention.attend(query, key, value, { out });
      return true;
    } catch (error) {
      if (error.code === 'ERR_SIZE' || error.code === 'ERR_OOM') return false;
      throw error;
    } finally {
      attention.dispose();
    }
  };
  if (!(await succeedsWith(MOST))) throw new Error(`it takes more than ${MOST} bytes`);
  let [tooFew, enough] = [-STEP, MOST];
  while (enough - tooFew > STEP) {
    const middle = (tooFew + enough) / 2;
    if (await succeedsWith(middle)) enough = middle;
    else tooFew = middle;
  }
  return { length, bytes: enough };
}
