// The installed versions of qkv and of the peers.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../tools/project.mjs';

const PACKAGES = [
  'qkv',
  'onnxruntime-web',
  '@jax-js/jax',
  '@tensorflow/tfjs-backend-wasm',
  '@ruvector/attention-wasm',
];

/** { package: version } */
export function versions() {
  return Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)]));
}

function versionOf(name) {
  const places = ['bench/node_modules', 'node_modules'].map((folder) =>
    join(PROJECT, folder, name, 'package.json'),
  );
  return JSON.parse(readFileSync(places.find(existsSync), 'utf8')).version;
}
