// The limits of one core in an engine: multiply-adds in registers, reading memory, and bare attention. They run
// in the same rounds as the contenders, so that a share of the limit is a ratio within one run.

import { bareAttention, workOfBare } from './bare.mjs';

/** Numbers of independent sums: enough to hide the latency of a multiply-add, few enough for the registers. */
export const ACCUMULATORS = [8, 10, 12];
const LANES = 4;
const STEPS = 4096;
const CHUNK = 128 * 4096;
const PAGE = 65536;

/**
 * The name in tables of { loop: 'fused' | 'separate', accumulators }, { loop: 'read', bytes } or
 * { loop: 'bare', tile, problem }. With { threads } as many threads share the problem of bare attention; with
 * { threads, runs } each thread runs another loop `runs` times.
 */
export function nameOfLoop({ threads, ...given }) {
  if (threads === undefined) return nameOfOne(given);
  const count = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return given.loop === 'bare' ? `${nameOfOne(given)}, ${count}` : `limit: ${count}`;
}

function nameOfOne({ loop, accumulators, bytes, tile, problem }) {
  if (loop === 'read') return `limit: reading ${Math.round(bytes / 2 ** 20)} MiB`;
  if (loop === 'bare') return `limit: bare attention, ${nameOfBare(tile, problem)}`;
  const what = loop === 'fused' ? 'fused multiply-add' : 'multiply, add';
  return `limit: ${what}, ${accumulators} sums`;
}

/** One query needs no micro-kernel. */
function nameOfBare(tile, { queries }) {
  return queries === 1 ? tile.split(' ')[0] : tile;
}

/** The work of a run of the loop, as workOf of problems.mjs. */
export function workOfLoop({ loop, accumulators, bytes, threads = 1, runs = 1, ...bare }) {
  if (loop === 'bare') return workOfBare(bare);
  if (loop === 'read') return { operations: 0, bytes };
  return { operations: 2 * LANES * accumulators * STEPS * threads * runs, bytes: 0 };
}

/** Gives prepare(loop), which gives { run(), isRight(result) }. */
export async function openLoops(bytes) {
  const module = await WebAssembly.compile(bytes);
  return (given) => {
    // A separate instance, so that its memory is freed with it.
    const { exports } = new WebAssembly.Instance(module);
    if (given.loop === 'bare') return bareAttention(exports, given);
    return given.loop === 'read' ? reading(exports, given) : arithmetic(exports, given);
  };
}

function arithmetic(exports, { loop, accumulators }) {
  const compute = exports[`${loop}_${accumulators}`];
  // x·y = 1 is added STEPS times to each sum: float32 has these numbers exactly.
  return {
    run: () => compute(2, 0.5, STEPS),
    isRight: (result) => result === STEPS * accumulators,
  };
}

function reading({ memory, read }, { bytes }) {
  memory.grow(Math.ceil(bytes / PAGE) + 1);
  const words = new Uint32Array(memory.buffer);
  for (let i = 0; i < words.length; i++) words[i] = i;
  const count = BigInt(bytes / 4);
  const sum = Number(BigInt.asIntN(32, (count * (count - 1n)) / 2n));
  // Half a megabyte a call, since V8 does not replace the code of a call that is running.
  const whole = bytes - (bytes % CHUNK);
  const rest = bytes - whole;
  if (rest % 128 !== 0) throw new RangeError(`${bytes} is not a multiple of 128 bytes`);
  return {
    run() {
      let total = 0;
      for (let at = 0; at < whole; at += CHUNK) total = (total + read(at, CHUNK)) | 0;
      return rest > 0 ? (total + read(whole, rest)) | 0 : total;
    },
    isRight: (result) => result === sum,
  };
}
