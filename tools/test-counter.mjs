// A reporter for `node --test` that writes how many tests ran. It does not count suites, skipped tests, and
// files, which Node reports as tests if they have none.

export default async function* countTests(events) {
  let count = 0;
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const isFile = data.name === data.file || data.name.endsWith('.test.mjs');
    if (!isFile && !data.skip && data.details?.type !== 'suite') count += 1;
  }
  yield String(count);
}
