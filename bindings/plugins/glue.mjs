// Resolves './glue.js' in our sources to the JavaScript that Emscripten wrote.

import { readFileSync } from 'node:fs';
import { transform } from 'rolldown/utils';

/** `files` are the JavaScript of each variant; they must be identical. */
export function glue(files) {
  const [file] = files;
  return {
    name: 'glue',
    resolveId: (source) => (source === './glue.js' ? file : undefined),
    async load(id) {
      if (id !== file) return undefined;
      const [text, ...others] = files.map((path) => readFileSync(path, 'utf8'));
      if (others.some((other) => other !== text))
        throw new Error(`one JavaScript must serve all variants: compare ${files.join(', ')}`);
      return defined(text);
    },
  };
}

/**
 * Our loader passes the instance, so Emscripten's code that looks for the .wasm never runs. Constants
 * replace the addresses that it would need: bundlers would otherwise look for that file, and hosts without
 * import.meta or location could not run the script.
 */
async function defined(text) {
  const options = { define: { 'import.meta.url': 'undefined', 'self.location.href': "''" } };
  const { code, errors } = await transform('glue.js', text, options);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return code;
}
