// Tools and servers of the cells. Each has a time limit and its own process group, so that no process outlives its
// cell.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LINES_SHOWN = 30;

/** Resolves to the command's stdout; rejects with the end of its output. */
export async function run(file, args, { cwd, env, limit = 180_000 }) {
  const started = start(file, args, { cwd, env });
  try {
    const [code, signal] = await within(limit, started.ended, () => `${file} ${args.join(' ')}`);
    if (code !== 0)
      throw new Error(
        `${file} ${args.join(' ')}: ${signal ?? `exit code ${code}`}\n${started.tail()}`,
      );
    return started.output.stdout;
  } finally {
    started.stop();
  }
}

/** A server that prints a line when it is ready. Resolves to { stop(), tail() }. */
export async function serveWith(file, args, { cwd, env, url, limit = 90_000 }) {
  const started = start(file, args, { cwd, env });
  try {
    await within(limit, Promise.race([answers(url, started), gone(started)]), started.tail);
    return started;
  } catch (error) {
    started.stop();
    throw error;
  }
}

function start(file, args, { cwd, env }) {
  const child = spawn(file, args, {
    cwd,
    env: { ...withoutNpm(process.env), ...env },
    // esbuild serves as long as its input is open.
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { stdout: '', all: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
    output.all += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.all += chunk;
  });
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The whole process group has ended.
    }
  };
  process.once('exit', stop);
  let isGone = false;
  const ended = once(child, 'close').finally(() => {
    isGone = true;
    process.off('exit', stop);
  });
  const tail = () => output.all.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');
  return { output, ended, tail, stop, isGone: () => isGone };
}

async function answers(url, started) {
  while (!started.isGone()) {
    try {
      await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000) });
      return;
    } catch {
      await sleep(100);
    }
  }
}

async function gone({ ended, tail }) {
  await ended;
  throw new Error(`the server ended before it answered\n${tail()}`);
}

/** Without the settings of the npm that started us. */
function withoutNpm(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^npm_/i.test(name)));
}

/** The same promise, but rejected after `limit` milliseconds. */
export async function within(limit, promise, describe) {
  const timer = new AbortController();
  const late = sleep(limit, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`not done within ${limit / 1000} s: ${describe()}`);
  });
  late.catch(() => {}); // aborted
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
