// Finds the licence that a source file names, as an SPDX expression.

const SAYINGS = [
  [/SPDX-License-Identifier: ([\w.+-]+(?: (?:WITH|AND|OR) [\w.+-]+)*)/, (found) => found[1]],
  [
    /two separate licenses, the MIT license and the\W+University of Illinois\/NCSA/,
    () => 'MIT OR NCSA',
  ],
  [/BSD 3-Clause License/, () => 'BSD-3-Clause'],
  [/standard MIT license/, () => 'MIT'],
];

/** Throws if the text names no licence that is known here. Then a person must look. */
export function licenceIn(text, path) {
  for (const [pattern, licence] of SAYINGS) {
    const found = pattern.exec(text);
    if (found) return licence(found);
  }
  throw new Error(
    `${path} names no licence that tools/release/licences.mjs knows. Read it, and add the licence there.`,
  );
}

/** The copyright notices of a file, a line each: 'Copyright © 2005-2020 Rich Felker, et al.' */
export function copyrightIn(text) {
  const lines = text.match(/Copyright (?:\(c\)|©|\d{4})[^\n*]*/gi) ?? [];
  const holders = lines
    .map((line) => line.replace(/(\. It is| and licensed| or$).*/, '').trim())
    .filter((line) => /\p{L}/u.test(line.replace(/Copyright (\(c\))?/i, '')));
  return holders.length === 0 ? undefined : [...new Set(holders)].join('\n');
}
