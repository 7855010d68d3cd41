// Serves a page of one's own on the loopback interface, with the package as it was built.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const SERVED = /^\/(bindings\/dist|tests\/(conformance|browser))(\/\w[\w.-]*)+$/;
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Tests</title></html>';

/** `files` are contents by path, beside the page at / and the modules. Resolves to { url, close() }. */
export async function startPageServer(files) {
  const send = (response, status, type, body) =>
    response.writeHead(status, { 'content-type': type }).end(body);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url);
    if (path === '/') return send(response, 200, 'text/html', PAGE);
    if (path === '/favicon.ico') return send(response, 204, 'image/x-icon');
    if (path in files) return send(response, 200, 'application/octet-stream', files[path]);
    if (!SERVED.test(path)) return send(response, 404, 'text/plain', 'not served');
    try {
      const body = await readFile(join(PROJECT, normalize(path)));
      send(response, 200, TYPES[extname(path)] ?? 'application/octet-stream', body);
    } catch {
      send(response, 404, 'text/plain', 'no such file');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
