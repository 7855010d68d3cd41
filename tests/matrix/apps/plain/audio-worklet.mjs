// A worklet has neither fetch, TextDecoder, timers nor crypto.

import { createAttention } from './node_modules/qkv/dist/inline.js';
import { probe, settled } from './probe/probe.mjs';

class Probe extends AudioWorkletProcessor {
  constructor() {
    super();
    settled(probe({ createAttention })).then((report) => this.port.postMessage(report));
  }

  process() {
    return false;
  }
}

registerProcessor('probe', Probe);
