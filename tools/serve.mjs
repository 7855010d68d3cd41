// Serves the built page as a good host does: compressed, with the right types, and with headers that forbid
// what the page does not need.
//
//     node tools/serve.mjs                    on port 8080, or the next free one
//     node tools/serve.mjs --port 9000        on that port only

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
// The page's policy, and the directive that works only in a header.
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
 * Serves web/dist, or a copy of it in `folder`, on the loopback interface. If `port` is taken, the next ones
 * are tried, unless `exactly` is set. Resolves to { address, close() }.
 */
export async function servePage({ port = 8080, exactly = false, folder = PAGE } = {}) {
  if (!existsSync(join(folder, 'index.html'))) {
    throw new StepFailed('The page is not built yet. Run: npm run build');
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
    server.closeAllConnections(); // browsers keep connections open
    return closed;
  };
  return { address: `http://localhost:${server.address().port}/`, close };
}

/** Serves until Ctrl-C. That is no failure. */
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
        throw new StepFailed(`Port ${port + tried} cannot be used: ${error.message}`);
    }
  }
}

// Vite puts a hash of the content into the names in assets/. Browsers ask for all other files again.
function setCaching(response, path) {
  const cached = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
  response.setHeader('Cache-Control', cached);
}

// Writes .br and .gz files beside each file. sirv chooses by Accept-Encoding.
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

// A rename is atomic, and another server may be reading the file.
function replaceFile(path, content) {
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, content);
  renameSync(partial, path);
}

/** The port in an argument or in the environment. 0 means any free port. */
export function portFrom(text) {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text);
  throw new StepFailed(`'${text}' is not a port. A port is a number from 0 to 65535.`);
}

if (isCommand(import.meta.url)) {
  await asCommand(async () => {
    const { values } = parseArgs({ options: { port: { type: 'string' } } });
    const exactly = values.port !== undefined;
    await servePageUntilStopped({ port: portFrom(values.port ?? process.env.PORT), exactly });
  });
}
