import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { probe, settled } from '../../probe/probe.mjs';

export default async function handler(_request, response) {
  response.json(await settled(probe({ createAttention, createAttentionPool })));
}
