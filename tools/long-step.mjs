// Runs programs. A long step writes its output to a log file, and shows one line: its title and how long
// it has run. If it fails, it shows the end of the log and the path of the log.
//
// The first step of a fresh clone installs the npm packages, so this file imports only Node's modules.

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const LINES_SHOWN_ON_FAILURE = 40;
const PLAIN_REPORT_EVERY = 20_000;

/** A failure that its message explains, so that nobody needs a stack trace. */
export class StepFailed extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Rethrows an error unless it is a failed step, after which other steps may run. Ctrl-C ends all steps. */
export function rethrowUnlessFailed(error) {
  if (!(error instanceof StepFailed) || error.exitCode >= 129) throw error;
}

/**
 * `invocation` is { file, args, env?, cwd?, inheritedFds?, stopWith? }. Resolves to the seconds it took,
 * rejects with StepFailed. With `quietWhenFast`, a step of less than 2 s leaves no line.
 */
export async function runLongStep(
  title,
  invocation,
  { log, append = false, quietWhenFast = false },
) {
  mkdirSync(dirname(log), { recursive: true });
  const logFile = openSync(log, append ? 'a' : 'w');
  const progress = startProgress(title, quietWhenFast);
  const { file, args, env, cwd, inheritedFds = [], stopWith } = invocation;
  const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe', ...inheritedFds] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      writeSync(logFile, chunk);
      progress.describe(lastLine(chunk));
    });
  }
  const outcome = await ended(child, { stopWith });
  closeSync(logFile);
  if (outcome.ok) return progress.done();

  progress.failed();
  if (!outcome.interrupted) showEndOfLog(log, outcome.reason);
  throw new StepFailed(`${title}: ${outcome.reason}`, outcome.exitCode);
}

/** Runs a program that prints to this terminal. Rejects with StepFailed unless it exits with 0. */
export async function run(file, args, { name, cwd, env, stdin = 'ignore' } = {}) {
  const child = spawn(file, args, { cwd, env, stdio: [stdin, 'inherit', 'inherit'] });
  const { ok, reason, exitCode } = await ended(child);
  if (!ok) throw new StepFailed(name ? `${name}: ${reason}` : reason, exitCode);
}

/**
 * Resolves to how a child process ended. While it runs, a signal to this process goes to the child, and
 * this process waits for it. A child that ignores signals gets `stopWith` instead.
 */
export function ended(child, { stopWith } = {}) {
  let interruptedBy;
  const handOn = (signal) => {
    interruptedBy = signal;
    child.kill(stopWith ?? signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, handOn);
  return new Promise((resolve) => {
    const finish = (outcome) => {
      for (const signal of signals) process.off(signal, handOn);
      resolve(outcome);
    };
    child.once('error', (error) =>
      finish({ ok: false, exitCode: 127, reason: error.message, interrupted: false }),
    );
    child.once('close', (code, signal) => {
      const stoppedBy = interruptedBy ?? signal;
      finish({
        ok: code === 0 && !interruptedBy,
        exitCode: interruptedBy ? signalExitCode(interruptedBy) : (code ?? signalExitCode(signal)),
        reason: stoppedBy ? `stopped by ${stoppedBy}` : `exit code ${code}`,
        interrupted: Boolean(interruptedBy),
      });
    });
  });
}

function signalExitCode(signal) {
  return 128 + ({ SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0);
}

function startProgress(title, quietWhenFast) {
  const out = process.stderr;
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const elapsed = () => `${seconds().toFixed(0)} s`;
  let latest = '';
  let report;
  if (out.isTTY) {
    const redraw = () => {
      const line = `… ${title}  ${elapsed()}  ${latest}`;
      out.write(`\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}`);
    };
    redraw();
    report = setInterval(redraw, 250);
  } else {
    if (!quietWhenFast) out.write(`… ${title}\n`);
    report = setInterval(() => out.write(`… ${title}  ${elapsed()}\n`), PLAIN_REPORT_EVERY);
  }
  const end = (line) => {
    clearInterval(report);
    if (out.isTTY) out.write('\r\x1b[2K');
    if (line) out.write(`${line}\n`);
    return seconds();
  };
  return {
    describe: (text) => {
      if (text) latest = text;
    },
    done: () => end(quietWhenFast && seconds() < 2 ? '' : `✓ ${title}  ${elapsed()}`),
    failed: () => end(`✗ ${title}  ${elapsed()}`),
  };
}

function lastLine(chunk) {
  const lines = chunk.toString().split(/[\r\n]+/);
  return lines.filter((line) => line.trim()).at(-1);
}

function showEndOfLog(log, reason) {
  const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
  const shown = lines.slice(-LINES_SHOWN_ON_FAILURE).map((line) => `    ${line}`);
  process.stderr.write(`${shown.join('\n')}\n  ${reason}; the whole log: ${log}\n`);
}
