import { createAttention } from 'qkv/inline';
import { show } from './probe/page.mjs';
import { probe } from './probe/probe.mjs';

show({ page: probe({ createAttention }) });
