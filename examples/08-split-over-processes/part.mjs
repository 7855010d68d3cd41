import { createAttention } from 'qkv';

process.once('message', async ({ query, key, value, options }) => {
  const attention = await createAttention();
  const { output, logSumExp } = attention.attend(query, key, value, {
    ...options,
    capture: ['logSumExp'],
  });
  process.send({ output, logSumExp }, () => process.disconnect());
});
