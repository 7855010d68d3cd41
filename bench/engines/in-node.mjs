// The process that node.mjs starts. It does one task after the other.

import { readFile } from 'node:fs/promises';
import { tasksIn } from '../measure/tasks.mjs';

const tasks = {
  ...tasksIn({
    bytesAt: (url) => readFile(url),
    async model(description) {
      const { modelOf } = await import('../../tests/conformance/onnx-graph.mjs');
      return modelOf(description);
    },
  }),
  versions: async () => ({ node: process.versions.node, v8: process.versions.v8 }),
};

process.on('message', async ({ task, argument }) => {
  try {
    process.send({ result: await tasks[task](argument) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
process.on('disconnect', () => process.exit());
