import { createAttention, createAttentionPool } from '@monorepo/model';
import { show } from '../../probe/page.mjs';
import { probe } from '../../probe/probe.mjs';

show({ page: probe({ createAttention, createAttentionPool }) });
