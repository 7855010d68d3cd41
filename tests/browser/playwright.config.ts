import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { CHROMIUM } from './chromium.mjs';

/**
 * The page is tested as it is built and served: `npm run build` first. CHROMIUM and FIREFOX name the
 * browsers, QKV_PAGE a page that is served already; otherwise this starts a server of its own.
 */
const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
// Workers read this file again, in processes of their own, and must come to the same port.
process.env.QKV_TEST_PORT ??= String(20_000 + (process.pid % 10_000));
const port = process.env.QKV_TEST_PORT;
const served = process.env.QKV_PAGE;
const address = served ?? `http://127.0.0.1:${port}/`;

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  workers: 2,
  timeout: 30_000,
  reporter: 'list',
  use: {
    baseURL: address,
    viewport: { width: 1280, height: 900 },
    launchOptions: CHROMIUM,
  },
  ...(served === undefined && {
    webServer: {
      command: `node tools/serve.mjs --port ${port}`,
      cwd: PROJECT,
      url: address,
      reuseExistingServer: false,
    },
  }),
});
