import { createAttention } from 'qkv';

const attention = createAttention(); // a promise: calls may come before it resolves

self.onmessage = async ({ data: { id, call } }) => {
  try {
    const result = (await attention).attend(...call);
    const buffers = Object.values(result).map(({ data }) => data.buffer);
    postMessage({ id, result }, buffers);
  } catch ({ code, message }) {
    postMessage({ id, error: { code, message } });
  }
};
