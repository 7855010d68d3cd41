// The JavaScript that Emscripten writes for a module, in the place of our sources' './glue.js'.

import { readFileSync } from 'node:fs';
import { transform } from 'rolldown/utils';

/** `files` are what Emscripten wrote, one for each variant; they must be the same. */
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
 * Our loader brings the instance, so Emscripten's own search for the .wasm never runs. Its address is
 * defined away: else bundlers would look for the file that it names, and hosts without import.meta
 * would stop.
 */
async function defined(text) {
  const options = { define: { 'import.meta.url': 'undefined' } };
  const { code, errors } = await transform('glue.js', text, options);
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('\n'));
  return code;
}
