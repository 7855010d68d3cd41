// Node 24 as an engine: a separate process that is sent tasks.

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installEngines, pathOfNode } from '../../tools/engines.mjs';

const CHILD = fileURLToPath(new URL('in-node.mjs', import.meta.url));

/** { name, version, open() }; `open` gives { run(task, argument), close() }, each time in a new process. */
export async function nodeEngine() {
  await installEngines();
  const open = async () => startProcess();
  const { run, close } = startProcess();
  const { node, v8 } = await run('versions', {});
  close();
  return { name: 'Node', version: node, detail: `V8 ${v8}`, open };
}

function startProcess() {
  const child = fork(CHILD, { execPath: pathOfNode(24), execArgv: [] });
  let fail;
  const ended = new Promise((_, reject) => {
    fail = reject;
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`Node ended with ${signal ?? code} while it measured`)),
    );
  });
  ended.catch(() => {}); // run() reports it
  return {
    async run(task, argument) {
      const answered = new Promise((resolve) => child.once('message', resolve));
      child.send({ task, argument }, (error) => error && fail(error));
      const { result, error } = await Promise.race([answered, ended]);
      if (error) throw new Error(error);
      return result;
    },
    close: () => child.kill(),
  };
}
