// Where the package of this package is.
export default import.meta.resolve('qkv');
