// Serves the built page as a careful host would: compressed, with the right types, and with headers
// that forbid whatever the page does not need.
//
//     node tools/serve.mjs --port 8080        the port, or the next one that is free

import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import sirv from 'sirv';
import { StepFailed } from './long-step.mjs';
import { asCommand, isCommand, PROJECT } from './project.mjs';

const PAGE = join(PROJECT, 'web/dist');
// The page's own, and what only a server may say.
const CONTENT_SECURITY_POLICY = [
  ...JSON.parse(readFileSync(join(PROJECT, 'web/content-security-policy.json'), 'utf8')),
  "frame-ancestors 'none'",
].join('; ');
const HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};
const COMPRESSIBLE = /\.(html|js|css|json|svg|wasm|webmanifest|txt)$/;
const PORTS_TRIED = 50;

/**
 * Serves web/dist, or another folder like it, on the loopback interface. `port` is the one to try
 * first; with `exactly`, the only one. Resolves to { address, close() }.
 */
export async function servePage({ port = 8080, exactly = false, folder = PAGE } = {}) {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new StepFailed('the page is not built yet: npm run build');
  }
  compressFiles(folder);
  const files = sirv(folder, { brotli: true, gzip: true, etag: true, setHeaders: setCaching });
  const server = createServer((request, response) => {
    response.setHeaders(new Map(Object.entries(HEADERS)));
    files(request, response, () => response.writeHead(404).end('not found\n'));
  });
  await listen(server, port, exactly || port === 0 ? 1 : PORTS_TRIED);
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections(); // a browser keeps its own open
    return closed;
  };
  return { address: `http://localhost:${server.address().port}/`, close };
}

/** Serves until Ctrl-C, which is how it is meant to end and no failure. */
export async function servePageUntilStopped(options) {
  const { address, close } = await servePage(options);
  console.log(`The page is at ${address}  (Ctrl-C stops it)`);
  await new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, resolve);
  });
  await close();
}

async function listen(server, port, attempts) {
  for (let tried = 0; ; tried++) {
    try {
      server.listen(port + tried, '127.0.0.1');
      return await once(server, 'listening'); // rejects on 'error'
    } catch (error) {
      const isTaken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      if (!isTaken) throw error;
      if (tried + 1 >= attempts)
        throw new StepFailed(`port ${port + tried} cannot be used: ${error.message}`);
    }
  }
}

// Vite names what is in assets/ by a hash of its content; all else is asked for again each time.
function setCaching(response, path) {
  const cached = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  response.setHeader('Cache-Control', cached);
}

// Beside each file, as a static host would have them; sirv picks by Accept-Encoding.
function compressFiles(folder) {
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
  for (const file of readdirSync(folder, { recursive: true })) {
    if (!COMPRESSIBLE.test(file)) continue;
    const path = join(folder, file);
    if (existsSync(`${path}.br`) && statSync(`${path}.br`).mtimeMs >= statSync(path).mtimeMs)
      continue;
    const content = readFileSync(path);
    replaceFile(`${path}.gz`, gzipSync(content));
    replaceFile(`${path}.br`, brotliCompressSync(content, brotli));
  }
}

// At once, for another server may be reading it.
function replaceFile(path, content) {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** A port from an argument or the environment; 0 is any free one. */
export function portFrom(text) {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text);
  throw new StepFailed(`'${text}' is no port: a number from 0 to 65535 is needed`);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => {
    const { values } = parseArgs({ options: { port: { type: 'string' } } });
    const exactly = values.port !== undefined;
    await servePageUntilStopped({ port: portFrom(values.port ?? process.env.PORT), exactly });
  });
}
