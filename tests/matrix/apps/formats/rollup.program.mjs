import resolve from '@rollup/plugin-node-resolve';
import { importMetaAssets } from '@web/rollup-plugin-import-meta-assets';

export default {
  input: 'program.js',
  output: { dir: 'dist', format: 'cjs', entryFileNames: '[name].cjs' },
  plugins: [resolve(), importMetaAssets()],
};
