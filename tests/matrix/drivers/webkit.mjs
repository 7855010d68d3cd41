// WebKitGTK's MiniBrowser over WebDriver (https://www.w3.org/TR/webdriver2/). It has no headless mode, so it runs in a
// virtual display; without one the driver hangs.

import { freePort, serveWith } from '../processes.mjs';

const LIMIT = 60_000;

export async function startWebKit() {
  const port = await freePort();
  const root = `http://127.0.0.1:${port}`;
  const driver = await serveWith(
    'xvfb-run',
    ['--auto-servernum', process.env.WEBKIT_DRIVER ?? 'WebKitWebDriver', `--port=${port}`],
    // There may be no GPU, and root has no sandbox; neither is tested.
    {
      env: { WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
      url: `${root}/status`,
    },
  );
  const command = (method, path, body) => send(method, `${root}${path}`, body);
  const newSession = () =>
    command('POST', '/session', { capabilities: { alwaysMatch: { browserName: 'MiniBrowser' } } });
  try {
    const { sessionId, capabilities } = await newSession();
    await command('DELETE', `/session/${sessionId}`);
    return {
      name: 'WebKit',
      version: `GTK ${capabilities.browserVersion}`,
      open: async (url) => open(await newSession(), url, command),
      close: async () => driver.stop(),
    };
  } catch (error) {
    driver.stop();
    throw error;
  }
}

// One session per page, so that no storage or service worker is left over.
async function open({ sessionId }, url, command) {
  const session = `/session/${sessionId}`;
  await command('POST', `${session}/timeouts`, { pageLoad: LIMIT, script: LIMIT });
  await command('POST', `${session}/url`, { url });
  return {
    evaluate: (expression) =>
      command('POST', `${session}/execute/sync`, { script: `return ${expression}`, args: [] }),
    complaints: [], // WebDriver has none; the page notes its own
    close: () => command('DELETE', session),
  };
}

async function send(method, url, body) {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LIMIT),
  });
  const { value } = await response.json();
  if (!response.ok)
    throw new Error(`${method} ${new URL(url).pathname}: ${value.error}, ${value.message}`);
  return value;
}
