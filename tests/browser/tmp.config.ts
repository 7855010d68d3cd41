import { defineConfig } from '@playwright/test';
export default defineConfig({
  testDir: '/work/wt/loading/tests/browser',
  outputDir: '/tmp/pw-results',
  workers: 1,
  reporter: 'list',
  timeout: 90000,
});
