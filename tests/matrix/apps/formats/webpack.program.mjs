import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('dist', import.meta.url));

export default {
  entry: './program.js',
  target: 'node',
  output: { path: dist, filename: 'program.cjs' },
};
