import { createAttention } from 'qkv';

process.once('message', async ({ query, key, value, options }) => {
  const attention = await createAttention();
  const { output, rowMax, rowSum } = attention.attend(query, key, value, {
    ...options,
    capture: ['rowMax', 'rowSum'],
  });
  process.send({ output, rowMax, rowSum }, () => process.disconnect());
});
