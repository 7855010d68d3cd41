// Serves the files of the package, and pages that use them, as a host with a strict policy does.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DIST = fileURLToPath(new URL('dist/', import.meta.resolve('qkv/package.json')));
const TYPES = { js: 'text/javascript', wasm: 'application/wasm', html: 'text/html' };

/**
 * `texts` are files beside those of dist, by name; '' is the page. Resolves to { origin, fetched, close() }:
 * `fetched` lists what was asked for, the page apart.
 */
export async function serveDist(policy, texts = {}) {
  const fetched = [];
  const pages = { '': '<!doctype html><title>qkv</title>', 'favicon.ico': '', ...texts };
  const server = createServer((request, response) => {
    const name = request.url.slice(1);
    if (name !== '' && name !== 'favicon.ico') fetched.push(name);
    const type = TYPES[name.split('.').at(-1)] ?? TYPES.html;
    response.setHeader('content-security-policy', policy);
    response.writeHead(200, { 'content-type': type });
    response.end(pages[name] ?? readFileSync(join(DIST, name)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    fetched,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
