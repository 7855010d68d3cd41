// A server on the loopback interface that answers as broken hosts do.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { wasmBytes } from './wasm-file.mjs';

const HTML = '<!DOCTYPE html><html><title>The page for everything else</title></html>';

/**
 * Paths: `/<variant>.wasm`, and below. `requests` lists what was asked for.
 * Resolves to { url(path), requests, hanging, close() }.
 */
export async function startServer() {
  const requests = [];
  const hanging = new Set();
  const send = (response, status, type, body) =>
    response.writeHead(status, { 'content-type': type }).end(body);
  let failures = 0;
  const answers = {
    '/404.wasm': (response) => send(response, 404, 'text/html', HTML),
    '/500.wasm': (response) => send(response, 500, 'text/plain', 'no'),
    '/html.wasm': (response) => send(response, 200, 'text/html', HTML),
    '/text.wasm': (response) => send(response, 200, 'text/plain', wasmBytes('simd')),
    '/empty.wasm': (response) => send(response, 200, 'application/wasm', ''),
    '/once-broken.wasm': (response) => {
      failures += 1;
      if (failures === 1) return send(response, 503, 'text/plain', 'busy');
      return send(response, 200, 'application/wasm', wasmBytes('simd'));
    },
    '/moved.wasm': (response) => response.writeHead(302, { location: '/simd.wasm' }).end(),
    '/cut.wasm': (response) => {
      const bytes = wasmBytes('simd');
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 5000), () => response.destroy());
    },
    '/silent.wasm': () => {},
    '/slow.wasm': (response) => {
      response.writeHead(200, { 'content-type': 'application/wasm' });
      response.write(wasmBytes('simd').subarray(0, 5000));
    },
  };
  const server = createServer((request, response) => {
    requests.push(request.url);
    hanging.add(response);
    response.on('close', () => hanging.delete(response));
    const [, variant] = /^\/(\w+)\.wasm$/.exec(request.url) ?? [];
    const answer = answers[request.url];
    if (answer) answer(response);
    else send(response, 200, 'application/wasm', wasmBytes(variant));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    requests,
    hanging,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
