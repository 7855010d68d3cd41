import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('dist', import.meta.url));

// Nothing that the package needs. Webpack's own way to map sources in development is `eval`, which a
// careful host forbids.
export default {
  entry: './main.js',
  output: { path: dist, filename: 'main.js' },
  devtool: 'source-map',
  devServer: { static: dist },
};
