// Serves the page that measures, on the loopback interface. It sends no headers for cross-origin isolation,
// as most sites do not.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { modelOf } from '../../tests/conformance/onnx-graph.mjs';
import { PROJECT } from '../../tools/project.mjs';

const SERVED =
  /^\/(bench|bindings\/dist|build\/bench|tests\/(package|reference)|node_modules\/(d3-random|onnxruntime-web)\/dist)\//;
const IMPORTS = {
  'd3-random': '/node_modules/d3-random/dist/d3-random.mjs',
  'onnxruntime-web/wasm': '/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs',
  '@jax-js/jax': '/bench/node_modules/@jax-js/jax/dist/index.js',
  '@tensorflow/tfjs-core': '/bench/node_modules/@tensorflow/tfjs-core/dist/tf-core.fesm.min.js',
  '@tensorflow/tfjs-backend-wasm':
    '/bench/node_modules/@tensorflow/tfjs-backend-wasm/dist/tf-backend-wasm.fesm.min.js',
  '@ruvector/attention-wasm':
    '/bench/node_modules/@ruvector/attention-wasm/ruvector_attention_wasm.js',
};
// TensorFlow.js imports these in pages too, but does not use them there.
const NODE_ONLY = ['fs', 'os', 'path', 'perf_hooks', 'worker_threads'];

/** { url, close() } */
export async function startServer() {
  const files = sirv(PROJECT, { dev: true });
  const page = pageWith(importMap());
  const server = createServer(async (request, response) => {
    if (request.url === '/') return response.setHeader('content-type', 'text/html').end(page);
    if (request.url === '/model') return sendModel(request, response);
    if (SERVED.test(request.url)) return files(request, response, () => notFound(response));
    return notFound(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function notFound(response) {
  response.writeHead(404).end('not served');
}

async function sendModel(request, response) {
  try {
    const chunks = await request.toArray();
    response.end(modelOf(JSON.parse(Buffer.concat(chunks).toString())));
  } catch (error) {
    response.writeHead(400).end(error.message);
  }
}

function importMap() {
  const { exports } = JSON.parse(readFileSync(join(PROJECT, 'bindings/package.json'), 'utf8'));
  const modules = Object.entries(exports).filter(([, target]) => target.default);
  const own = modules.map(([path, target]) => [
    path.replace('.', 'qkv'),
    target.default.replace('.', '/bindings'),
  ]);
  const nothing = NODE_ONLY.map((name) => [name, 'data:text/javascript,export default {}']);
  return { imports: { ...Object.fromEntries([...own, ...nothing]), ...IMPORTS } };
}

function pageWith(map) {
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Benchmark</title>
<link rel="icon" href="data:,"><script type="importmap">${JSON.stringify(map)}</script></html>`;
}
