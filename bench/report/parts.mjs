// The generated parts of README and the docs: each stands between `<!-- benchmark: NAME -->` and
// `<!-- /benchmark -->`.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../tools/project.mjs';

/** `npm run bench` writes the first two, `npm run lab -- bounds` and `-- machine-code` the others. */
const NAMES = ['results', 'goals', 'bounds', 'loops'];
const FILES = ['README.md', 'docs/performance.md'];

/** Writes `parts`, { name: text }, into the files that have them; gives the files that changed. */
export function writeParts(parts) {
  return FILES.filter((file) => {
    const path = join(PROJECT, file);
    const before = readFileSync(path, 'utf8');
    const after = replaceParts(before, parts);
    if (after !== before) writeFileSync(path, after);
    return after !== before;
  });
}

/** The text with these parts replaced; other parts stay as they are. */
export function replaceParts(text, parts) {
  const marked = /(<!-- benchmark: (\w+) -->\n)[\s\S]*?(<!-- \/benchmark -->)/g;
  return text.replaceAll(marked, (whole, begin, name, end) => {
    if (!NAMES.includes(name)) throw new Error(`no part '${name}'; there are ${NAMES}`);
    return name in parts ? `${begin}\n${parts[name]}\n\n${end}` : whole;
  });
}
