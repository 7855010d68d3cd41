// Runs publint and "are the types wrong?" on a tarball.

import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

// The package is ESM only. require() loads ESM since Node 20.19.
const INTENDED = new Set(['CJSResolvesToESM']);

/** One line for each problem. */
export async function problemsOf(tarball) {
  const content = readFileSync(tarball);
  return [...(await publintOn(content)), ...(await typesOf(content))];
}

async function publintOn(content) {
  const { messages, pkg } = await publint({ pack: { tarball: content.buffer }, strict: true });
  return messages.map((message) => `publint: ${formatMessage(message, pkg, { color: false })}`);
}

async function typesOf(content) {
  const { problems = [], types } = await checkPackage(
    createPackageFromTarballData(new Uint8Array(content)),
  );
  if (!types) return ['types: there are none'];
  return problems
    .filter(({ kind }) => !INTENDED.has(kind))
    .map(
      ({ kind, entrypoint, resolutionKind }) => `types: ${kind} ${entrypoint} ${resolutionKind}`,
    );
}
