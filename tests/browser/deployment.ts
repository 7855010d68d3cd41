// The package as a site deploys it, at /<name>/, each with something wrong until it is repaired.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const DIST = new URL('../../bindings/dist/', import.meta.url);
const TYPES: Record<string, string> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** What one file is answered with instead of its contents, and what the page comes with. */
export interface Fault {
  readonly file?: RegExp;
  answer?(response: ServerResponse, contents: Buffer): void;
  readonly headers?: Record<string, string>;
}

export interface Deployments {
  readonly origin: string;
  /** From now on every file of that name is answered as it is. */
  repair(name: string): void;
  close(): Promise<void>;
}

export async function deploy(faults: Record<string, Fault>): Promise<Deployments> {
  const repaired = new Set<string>();
  const server = createServer((request, response) => {
    const [, name = '', file = ''] = /^\/([\w-]+)\/([\w.-]*)$/.exec(request.url ?? '') ?? [];
    const fault = faults[name];
    if (fault === undefined) return void response.writeHead(404).end();
    if (file === '') {
      response.writeHead(200, { 'content-type': 'text/html', ...fault.headers });
      return void response.end(`<!DOCTYPE html><html lang="en"><title>${name}</title></html>`);
    }
    const contents = contentsOf(file);
    if (contents === undefined) return void response.writeHead(404).end();
    if (fault.answer && fault.file?.test(file) && !repaired.has(name)) {
      return fault.answer(response, contents);
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)], 'cache-control': 'no-store' });
    response.end(contents);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    repair: (name) => void repaired.add(name),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function contentsOf(file: string): Buffer | undefined {
  try {
    return readFileSync(new URL(file, DIST));
  } catch {
    return undefined;
  }
}
