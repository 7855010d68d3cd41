// Each piece of advice in an error is followed: applied to the input that failed, it gives the right result.
// The list of advice is read from the sources, so that new advice without a case here fails.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { chromium } from '@playwright/test';
import { createAttention, QkvError } from 'qkv';
import { CHROMIUM } from '../browser/chromium.mjs';
import { CASES as CALLS } from './advice/calls.mjs';
import { CASES as LOADING } from './advice/loading.mjs';
import { CASES as MASKS } from './advice/masks.mjs';
import { CASES as MEMORY } from './advice/memory.mjs';
import { CASES as NAMES } from './advice/names.mjs';
import { CASES as NAMES_INSTEAD } from './advice/names-instead.mjs';
import { CASES as POOL } from './advice/pool.mjs';
import { adviceIn, adviceInSources, castsInSources } from './advice/sources.mjs';
import { CASES as TENSORS } from './advice/tensors.mjs';
import { assertClose, WITH_OPTIONS } from './closeness.mjs';

const SUBJECTS = {
  tensors: TENSORS,
  'masks and biases': MASKS,
  calls: CALLS,
  memory: MEMORY,
  loading: LOADING,
  pool: POOL,
  'names of other libraries': NAMES,
  'names that are no option here': NAMES_INSTEAD,
};

/** Advice of the sources, each with the cases that follow it. */
const ADVICE = adviceInSources().map((advice) => ({ ...advice, cases: new Set() }));

let browser;
const setting = {
  attention: undefined,
  /** Chromium, started when a case asks for it. */
  async browser() {
    browser ??= await chromium.launch(CHROMIUM);
    return browser;
  },
};
before(async () => {
  setting.attention = await createAttention();
});
after(async () => {
  setting.attention.dispose();
  await browser?.close();
});

for (const [subject, cases] of Object.entries(SUBJECTS)) {
  describe(subject, () => {
    for (const { name, given, ways, expected } of cases)
      test(name, { timeout: 60_000 }, async () => {
        const error = await failureOf(() => given(setting));
        const followed = adviceThatSays(error.fix);
        for (const [way, follow] of Object.entries(ways))
          assertClose(await follow(setting, error), expected, WITH_OPTIONS, way);
        for (const { cases } of followed) cases.add(name);
      });
  });
}

test('all advice of the sources was followed, the same text at several places as often', () => {
  const missing = ADVICE.filter(({ text, cases }) => {
    const places = ADVICE.filter((advice) => advice.text === text);
    return cases.size < places.length;
  });
  assert.deepEqual(
    missing.map(({ place, text }) => `${place}: ${text}`),
    [],
    'advice without a case in tests/package/advice',
  );
});

test('nothing else becomes advice than what is marked', () => {
  // The tag itself, and the copy of an error that a worker sends.
  assert.deepEqual(castsInSources(), ['errors.ts', 'pool/worker.ts']);
  const source = 'const fix = a ? advice`Do $'.concat('{x}.` : b;\nconst c = other`Do not.`;');
  const [{ place, text, pattern }, ...others] = adviceIn('file.ts', source);
  assert.deepEqual([place, text, others.length], ['file.ts:1', 'Do ….', 0]);
  assert.match('Do this.', pattern);
  assert.doesNotMatch('Do this', pattern);
});

/** The advice of the sources with this text. What is filled in may be anything, so the longest text counts. */
function adviceThatSays(fix) {
  const possible = ADVICE.filter(({ pattern }) => pattern.test(fix));
  assert.ok(possible.length > 0, `advice that is not marked in the sources: ${fix}`);
  const length = Math.max(...possible.map(({ text }) => text.length));
  return possible.filter(({ text }) => text.length === length);
}

async function failureOf(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof QkvError, error.stack);
    assert.ok(error.fix, `no advice: ${error.message}`);
    assert.ok(error.message.includes(error.fix), error.message);
    return error;
  }
  return assert.fail('nothing was refused');
}
