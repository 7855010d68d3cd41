// A table of the passed cases.

/** `results` is { name, variant, failures }[]; a column for each variant, a row for each case. */
export function resultsTable(title, results) {
  const names = [...new Set(results.map(({ name }) => name))];
  const variants = [...new Set(results.map(({ variant }) => variant))];
  const width = Math.max(...names.map((name) => name.length), title.length);
  const cell = (name, variant) => {
    const result = results.find((r) => r.name === name && r.variant === variant);
    return !result ? '–' : result.failures.length === 0 ? '✓' : '✗';
  };
  const line = (head, cells) =>
    [head.padEnd(width), ...cells.map((text, i) => text.padEnd(variants[i].length))].join('  ');
  const passed = results.filter(({ failures }) => failures.length === 0).length;
  return [
    '',
    line(title, variants),
    ...names.map((name) =>
      line(
        name,
        variants.map((variant) => cell(name, variant)),
      ),
    ),
    `${passed} of ${results.length} passed`,
    '',
  ].join('\n');
}
