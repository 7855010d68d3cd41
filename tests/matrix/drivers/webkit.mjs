// WebKitGTK's MiniBrowser over WebDriver (https://www.w3.org/TR/webdriver2/). It has no headless mode:
// without a display the driver hangs, so it runs in a virtual one.

import { freePort, serveWith } from '../processes.mjs';

const LIMIT = 60_000;

export async function startWebKit() {
  const port = await freePort();
  const root = `http://127.0.0.1:${port}`;
  const driver = await serveWith(
    'xvfb-run',
    ['--auto-servernum', process.env.WEBKIT_DRIVER ?? 'WebKitWebDriver', `--port=${port}`],
    // No GPU here, and no sandbox for root; neither is what is tested.
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

// A session a page: storage and service workers of the one before are gone.
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
