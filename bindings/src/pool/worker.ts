// The script of a pool's thread: one instance that executes orders one after the other.

import type { EngineAttention } from '../calls/attention.js';
import { type Advice, advice, QkvError } from '../errors.js';
import { createAttention } from '../loading/create.js';
import type { AttentionOptions, AttentionResult, ResidentTensor, Tensor } from '../types.js';
import type { Answer, AttendOrder, KeysAndValues, Order, Result, StartOrder } from './messages.js';
import type { Port } from './thread.js';

// Worker threads of Node have no global postMessage.
const port: Port =
  typeof globalThis.postMessage === 'function'
    ? (globalThis as unknown as Port)
    : (globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort as Port);

interface Held {
  readonly key: ResidentTensor;
  readonly value: ResidentTensor;
}

/** Keys and values of shares, in the memory of this instance. */
const shares = new Map<number, Held>();
let attention: EngineAttention;
const noRoom = new QkvError('ERR_OOM', { argument: 'memory' });

port.onmessage = ({ data }) => {
  const order = data as Order;
  if (order.kind === 'start') start(order);
  else attempt(() => attend(order));
};

async function start({ wasm, variant, maxMemory }: StartOrder): Promise<void> {
  try {
    attention = (await createAttention({ wasm, variant, maxMemory })) as EngineAttention;
    answer({ kind: 'started' });
  } catch (cause) {
    fail(cause instanceof QkvError ? cause : unstartable(cause));
  }
}

function unstartable(cause: unknown): QkvError {
  return new QkvError('ERR_UNSUPPORTED', {
    argument: 'workers',
    expected: 'an instance in each worker',
    received: cause instanceof Error ? cause.message : String(cause),
    fix: advice`Use createAttention(), which needs no worker.`,
  });
}

function attend({ forget, share, keys, query, options }: AttendOrder): void {
  forget.forEach(drop);
  if (keys) keep(share, keys);
  const held = shares.get(share);
  if (held === undefined) throw noRoom; // said before: the call has ended
  const results = Object.entries(compute(query, held, options)).map(
    ([name, { data }]) => [name, data] as [Result, Float32Array],
  );
  answer(
    { kind: 'attended', results: Object.fromEntries(results) },
    results.map(([, data]) => data.buffer),
  );
}

/** Writes the output to the array of the queries, which saves allocating and clearing a new one. */
function compute(
  query: Tensor,
  { key, value }: Held,
  options: AttentionOptions,
): AttentionResult<Float32Array> {
  return query.shape.at(-1) === value.shape.at(-1)
    ? attention.attendInPlace(query, key, value, options)
    : attention.attend(query, key, value, options);
}

function keep(share: number, keys: KeysAndValues): void {
  const key = attention.tensor(keys.key.shape, keys.key.data);
  try {
    shares.set(share, { key, value: attention.tensor(keys.value.shape, keys.value.data) });
  } catch (error) {
    key.dispose();
    throw error;
  }
  answer({ kind: 'kept', share, keys }, [keys.key.data.buffer, keys.value.data.buffer]);
}

function drop(share: number): void {
  const held = shares.get(share);
  held?.key.dispose();
  held?.value.dispose();
  shares.delete(share);
}

/** Errors about memory are answers. Any other error is a defect and ends the worker. */
function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof QkvError) || !['ERR_SIZE', 'ERR_OOM'].includes(error.code)) throw error;
    fail(error);
  }
}

function fail(error: QkvError): void {
  const { code, argument, expected, received, fix } = error;
  answer({
    kind: 'failed',
    code,
    details: { argument, expected, received, fix: fix as Advice | undefined },
  });
}

function answer(message: Answer, transfer: ArrayBufferLike[] = []): void {
  port.postMessage(message, transfer as ArrayBuffer[]);
}
