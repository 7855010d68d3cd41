import { createAttention } from 'qkv';
import { probe, settled } from './probe/probe.mjs';

settled(probe({ createAttention })).then((report) => console.log(JSON.stringify(report)));
