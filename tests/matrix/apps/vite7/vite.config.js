// The optimizer of Vite 7 parts a module from the files beside it; that of Vite 8 does not.
export default { optimizeDeps: { exclude: ['qkv'] } };
