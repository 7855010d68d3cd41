import { createAttention, createAttentionPool } from '@monorepo/model';
import resolved from '@monorepo/model/resolved';
import { probe, settled } from '../../probe/probe.mjs';

const program = await settled(probe({ createAttention, createAttentionPool }));
console.log(JSON.stringify({ resolved, places: { program }, complaints: [] }));
