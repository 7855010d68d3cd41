// TensorFlow.js on its WebAssembly backend. It has no attention: matMul, softmax, matMul. Its inputs stay in
// its memory.

export async function openTfjs() {
  const tf = await import('@tensorflow/tfjs-core');
  const backend = await import('@tensorflow/tfjs-backend-wasm');
  const isPage = typeof document !== 'undefined';
  if (isPage) {
    const module = import.meta.resolve('@tensorflow/tfjs-backend-wasm');
    backend.setWasmPaths(new URL('./', module).href);
  }
  backend.setThreadsCount(1);
  await tf.setBackend('wasm');
  const prepare = ({ heads, keyHeads, depth, options }, inputs) => {
    if (heads !== keyHeads || options.length > 0) return undefined;
    const [query, key, value] = [inputs.query, inputs.key, inputs.value].map(({ data, shape }) =>
      tf.tensor(data, shape),
    );
    const scale = tf.scalar(1 / Math.sqrt(depth));
    const attend = () => {
      const scores = tf.mul(tf.matMul(query, key, false, true), scale);
      return tf.matMul(tf.softmax(scores), value);
    };
    return {
      run() {
        const output = tf.tidy(attend);
        const data = output.dataSync();
        output.dispose();
        return data;
      },
      outputOf: (data) => data,
      dispose: () => tf.dispose([query, key, value, scale]),
    };
  };
  return { prepare };
}
