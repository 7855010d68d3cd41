// For Jest and Vitest, whose `test` is a global.

import { writeFileSync } from 'node:fs';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from './probe/probe.mjs';

test('the probe', async () => {
  const report = await settled(probe({ createAttention, createAttentionPool }));
  writeFileSync('report.json', JSON.stringify(report));
}, 60_000);
