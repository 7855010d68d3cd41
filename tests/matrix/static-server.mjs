// A careful host of static files: the right types, and a Content-Security-Policy that allows nothing
// but the app's own scripts and WebAssembly.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import sirv from 'sirv';

const POLICY = {
  'default-src': "'self'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'img-src': 'data:',
};

/** The policy with sources added to it, as headers. */
export function policyWith(more = {}) {
  const names = new Set([...Object.keys(POLICY), ...Object.keys(more)]);
  const directives = [...names].map((name) => [name, POLICY[name], more[name]]);
  const policy = directives.map((parts) => parts.filter(Boolean).join(' ')).join('; ');
  return { 'content-security-policy': policy };
}

/**
 * Serves `folder` on the loopback interface, below `base`. Resolves to { url, report, close() }: `report` is
 * a promise of the text that a page posts. `headers` replace the policy.
 */
export async function serveFolder(folder, { base = '/', headers = policyWith() } = {}) {
  const files = sirv(folder, { dev: true });
  let receive;
  const report = new Promise((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const missing = () => response.writeHead(404).end('not found\n');
    if (!request.url.startsWith(base)) return missing();
    if (request.method === 'POST') {
      receive(text(request));
      return response.writeHead(204).end();
    }
    request.url = request.url.slice(base.length - 1);
    return files(request, response, missing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    report,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
