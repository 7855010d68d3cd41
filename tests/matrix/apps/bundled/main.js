import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { show } from './probe/page.mjs';
import { probe } from './probe/probe.mjs';

show({ page: probe({ createAttention, createAttentionPool }) });
