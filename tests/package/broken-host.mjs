// A host that answers as broken ones do: each of these paths has one fault.

import { DIST, serve } from '../server.mjs';
import { wasmBytes } from './wasm-file.mjs';

const HTML = '<!DOCTYPE html><html><title>The page for everything else</title></html>';

/** Beside these paths, `/qkv.<variant>.wasm` is answered as it is. Resolves to what serve() does. */
export async function startBrokenHost() {
  const simd = wasmBytes('simd');
  const send = (response, status, type, body) =>
    response.writeHead(status, { 'content-type': type }).end(body);
  let failures = 0;
  const answers = {
    '/404.wasm': (response) => send(response, 404, 'text/html', HTML),
    '/500.wasm': (response) => send(response, 500, 'text/plain', 'no'),
    '/html.wasm': (response) => send(response, 200, 'text/html', HTML),
    '/text.wasm': (response) => send(response, 200, 'text/plain', simd),
    '/empty.wasm': (response) => send(response, 200, 'application/wasm', ''),
    '/once-broken.wasm': (response) => {
      failures += 1;
      if (failures === 1) return send(response, 503, 'text/plain', 'busy');
      return send(response, 200, 'application/wasm', simd);
    },
    '/moved.wasm': (response) => response.writeHead(302, { location: '/qkv.simd.wasm' }).end(),
    '/cut.wasm': (response) => {
      response.writeHead(200, { 'content-length': simd.length });
      response.write(simd.subarray(0, 5000), () => response.destroy());
    },
    '/silent.wasm': () => {},
    '/slow.wasm': (response) => {
      response.writeHead(200, { 'content-type': 'application/wasm' });
      response.write(simd.subarray(0, 5000));
    },
  };
  return serve(DIST, {
    answer(request, response) {
      answers[request.url]?.(response);
      return request.url in answers;
    },
  });
}
