import { createAttention } from 'qkv/inline';
import { probe, settled } from './probe/probe.mjs';

settled(probe({ createAttention })).then((report) => console.log(JSON.stringify(report)));
