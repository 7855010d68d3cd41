// The server of all tests, on the loopback interface: a folder as it is, and other answers where a test
// needs them.

/** @import { IncomingMessage, ServerResponse } from 'node:http' */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { lookup } from 'mrmime';
import sirv from 'sirv';

export const PROJECT = fileURLToPath(new URL('..', import.meta.url));
/** The files of the built package. */
export const DIST = fileURLToPath(new URL('../bindings/dist/', import.meta.url));
export const EMPTY_PAGE =
  '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Tests</title></html>';

const POLICY = {
  'default-src': "'self'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'img-src': 'data:',
};

/** Headers with a Content-Security-Policy that allows a page its own scripts and WebAssembly, and `more`. */
export function policyWith(more = {}) {
  const names = new Set([...Object.keys(POLICY), ...Object.keys(more)]);
  const directives = [...names].map((name) => [name, POLICY[name], more[name]]);
  const policy = directives.map((parts) => parts.filter(Boolean).join(' ')).join('; ');
  return { 'content-security-policy': policy };
}

/**
 * @typedef {object} Options
 * @property {string} [base] the path that the folder is served below
 * @property {Record<string, string>} [headers] sent with every answer
 * @property {Record<string, string | Uint8Array>} [files] contents by path; they come before the folder's
 * @property {(request: IncomingMessage, response: ServerResponse) => boolean} [answer] comes first; returns
 *   whether it answers the request
 */

/**
 * Serves a folder. Resolves to { origin, url, requests, open, report, close() }: `requests` lists the paths
 * that were requested, `open` is the set of unfinished responses, `report` is a promise of the text that a
 * page posts.
 * @param {string} folder
 * @param {Options} [options]
 */
export async function serve(folder, { base = '/', headers = {}, files = {}, answer } = {}) {
  const serveFile = sirv(folder, { dev: true });
  const requests = [];
  const open = new Set();
  let receive;
  const report = new Promise((resolve) => {
    receive = resolve;
  });
  const server = createServer((request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    // Browsers ask for an icon on their own.
    if (!request.url.endsWith('/favicon.ico')) requests.push(request.url);
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (answer?.(request, response)) return;
    if (!request.url.startsWith(base)) return missing(request, response);
    if (request.method === 'POST') {
      receive(text(request));
      return response.writeHead(204).end();
    }
    request.url = request.url.slice(base.length - 1);
    const path = decodeURIComponent(request.url);
    if (!(path in files)) return serveFile(request, response, () => missing(request, response));
    return response.setHeader('content-type', lookup(path) ?? 'text/html').end(files[path]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: `${origin}${base}`,
    requests,
    open,
    report,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function missing(request, response) {
  response.writeHead(request.url.endsWith('/favicon.ico') ? 204 : 404).end();
}
