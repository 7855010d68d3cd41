// The package as a site deploys it, at /<name>/, each with something wrong until it is repaired.

import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { DIST, serve } from '../server.mjs';

/** The answer to one file, in place of its contents, and the headers of the page. */
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
  const server = await serve(DIST, {
    answer(request, response) {
      const [, name = '', file = ''] = /^\/([\w-]+)\/([\w.-]*)$/.exec(request.url ?? '') ?? [];
      const fault = faults[name];
      if (fault === undefined) return false;
      if (file === '') {
        response.writeHead(200, { 'content-type': 'text/html', ...fault.headers });
        response.end(`<!DOCTYPE html><html lang="en"><title>${name}</title></html>`);
        return true;
      }
      if (fault.answer && fault.file?.test(file) && !repaired.has(name)) {
        fault.answer(response, readFileSync(join(DIST, file)));
        return true;
      }
      request.url = `/${file}`;
      return false;
    },
  });
  return {
    origin: server.origin,
    repair: (name) => void repaired.add(name),
    close: server.close,
  };
}
