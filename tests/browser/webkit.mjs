// How tests start WebKit, Safari's family: WebKitGTK's MiniBrowser over WebDriver, on a screen of its
// own in memory. WEBKIT_DRIVER and XVFB name the programs (tools/browsers.mjs installs them).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import webdriver from 'selenium-webdriver';

const DRIVER = process.env.WEBKIT_DRIVER ?? '/usr/bin/WebKitWebDriver';
const XVFB = process.env.XVFB ?? '/usr/bin/Xvfb';
const PATIENCE_MS = 30_000;

/** Resolves to { driver, close() }; `driver` is selenium-webdriver's. Close it whatever happens. */
export async function launchWebKit({ width = 1280, height = 900 } = {}) {
  const programs = [];
  const stop = () => {
    for (const program of programs) program.kill('SIGKILL');
  };
  // The programs must not outlive a test runner that gives up.
  process.once('exit', stop);
  const close = async (driver) => {
    await Promise.race([driver?.quit().catch(() => {}), delay(5_000, undefined, { ref: false })]);
    stop();
    process.off('exit', stop);
  };
  try {
    const display = await startScreen(programs, width, height);
    const address = await startDriver(programs, display);
    const driver = await inTime(
      new webdriver.Builder().usingServer(address).forBrowser('MiniBrowser').build(),
      'a session',
    );
    await driver.manage().window().setRect({ x: 0, y: 0, width, height });
    return { driver, close: () => close(driver) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without a screen the driver waits for ever. Xvfb takes a free number and says which. */
async function startScreen(programs, width, height) {
  const args = ['-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp'];
  const screen = started(spawn(XVFB, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] }));
  programs.push(screen.program);
  const [number] = await inTime(
    Promise.race([once(screen.program.stdio[3], 'data'), screen.failed]),
    'a screen',
  );
  return `:${String(number).trim()}`;
}

async function startDriver(programs, display) {
  const port = await freePort();
  const env = { ...process.env, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1' };
  const server = started(spawn(DRIVER, [`--port=${port}`], { env, stdio: 'ignore' }));
  programs.push(server.program);
  const address = `http://127.0.0.1:${port}`;
  await inTime(Promise.race([untilReady(`${address}/status`), server.failed]), 'its driver');
  return address;
}

function started(program) {
  const failed = new Promise((_, reject) => {
    program.once('error', reject);
    program.once('exit', (code) => reject(new Error(`${program.spawnfile} ended with ${code}`)));
  });
  failed.catch(() => {}); // it ends in any case, at the latest when it is stopped
  return { program, failed };
}

async function untilReady(address) {
  for (;;) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer?.ok) return;
    await delay(50);
  }
}

async function inTime(promise, what) {
  const timeout = delay(PATIENCE_MS, undefined, { ref: false }).then(() => {
    throw new Error(`WebKit: ${what} did not come up within ${PATIENCE_MS / 1000} s`);
  });
  return Promise.race([promise, timeout]);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
