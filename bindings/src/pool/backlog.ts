import type { Call } from '../calls/call.js';
import { isForEachKey } from '../calls/captures.js';
import type { ProblemMemory } from '../calls/problem.js';
import type { Captured } from '../types.js';
import { Keys, Source } from './inputs.js';
import type { Member } from './member.js';
import type { KeysAndValues, TaskOrder } from './messages.js';
import { queryHeads, SharedOptions } from './portion.js';
import type { SpareArrays } from './spare.js';
import { MOST_WORK, type Share } from './split.js';
import type { Range } from './strided.js';

/** Consecutive blocks of a share, which go to a worker in one message. */
export interface Task {
  readonly order: TaskOrder;
  readonly transfer: ArrayBuffer[];
  readonly blocks: number;
  /** Estimated multiply-adds. */
  readonly work: number;
  readonly batches: Range;
  readonly heads: Range;
  readonly queries: Range;
  readonly part: number;
}

/** The blocks of a share that no worker has yet. */
interface Remainder extends Share {
  readonly id: number;
  /** Work of each block. */
  readonly work: readonly number[];
  /** The next block. */
  next: number;
  readonly query: Source;
  readonly keysAndValues: Keys;
  /** The workers that have a copy of the keys and values. */
  readonly holders: Set<Member>;
}

/** A task is an equal share of the remaining work, divided by this. So tasks shrink, and all workers end together. */
const TASKS_PER_WORKER = 1.5;

let lastShare = 0;

/** What the core computes from the options of the call. */
export type Positions = Pick<ProblemMemory, 'queryOffset' | 'attendedKeys'>;

/** The work of a call that no worker has yet. A task is made when a worker has room for it. */
export class Backlog {
  readonly blocks: number;
  readonly #call: Call;
  readonly #options: SharedOptions;
  #shares: Remainder[];
  #work: number;

  constructor(
    call: Call,
    shares: readonly Share[],
    capture: readonly Captured[],
    positions: Positions,
    spare: SpareArrays,
  ) {
    this.#call = call;
    const { batch } = call.query.geometry;
    const offsets = Array.from({ length: batch }, (_, b) => positions.queryOffset(b));
    this.#options = new SharedOptions(call, capture, offsets);
    const isEveryKeyVisited = capture.some(isForEachKey);
    this.#shares = shares.map((share) => ({
      ...share,
      id: ++lastShare,
      work: workOfBlocks(call, share, isEveryKeyVisited ? undefined : positions),
      next: 0,
      query: new Source(call.query, share.batches, queryHeads(call, share.keyHeads), spare),
      keysAndValues: new Keys(call, share, spare),
      holders: new Set(),
    }));
    this.blocks = this.#shares.reduce((sum, { work }) => sum + work.length, 0);
    this.#work = this.#shares.reduce((sum, { work }) => sum + total(work), 0);
  }

  get isEmpty(): boolean {
    return this.#shares.length === 0;
  }

  /** Copies what the caller may change. */
  snapshot(): void {
    if (this.isEmpty) return;
    this.#options.snapshot();
    for (const { query, keysAndValues, holders, cuts, next } of this.#shares) {
      query.snapshot({ start: cuts[next] as number, end: cuts.at(-1) as number });
      keysAndValues.snapshot(holders.size > 0);
    }
  }

  /** Takes back keys and values that a worker has copied. Returns whether they belong to this call. */
  giveBack(id: number, keys: KeysAndValues): boolean {
    const share = this.#shares.find((share) => share.id === id);
    share?.keysAndValues.giveBack(keys);
    return share !== undefined;
  }

  /**
   * The next task for one of `workers` workers, with keys and values if it has none of them yet.
   * Undefined if the keys and values of all remaining work are on their way to other workers.
   */
  next(member: Member, workers: number): Task | undefined {
    const share = this.#choose(member);
    if (share === undefined) return undefined;
    const blocks = this.#countBlocks(share, workers);
    const queries = {
      start: share.cuts[share.next] as number,
      end: share.cuts[share.next + blocks] as number,
    };
    const work = total(share.work.slice(share.next, share.next + blocks));
    const order = this.#orderOf(share, queries, !share.holders.has(member));
    share.holders.add(member);
    share.next += blocks;
    this.#work -= work;
    return {
      order,
      transfer: buffersOf(order),
      blocks,
      work,
      batches: share.batches,
      heads: queryHeads(this.#call, share.keyHeads),
      queries,
      part: share.part,
    };
  }

  /** Lets workers forget the finished shares. Call it after the task of next() was sent. */
  forgetFinished(): void {
    const isFinished = (share: Remainder) => share.next === share.work.length;
    for (const share of this.#shares.filter(isFinished)) forget(share);
    this.#shares = this.#shares.filter((share) => !isFinished(share));
  }

  /** Drops all remaining work. */
  abandon(): void {
    this.#shares.forEach(forget);
    this.#shares = [];
  }

  isHeldBy(member: Member): boolean {
    return this.#shares.some(({ holders }) => holders.has(member));
  }

  /** A share that the worker has, else one that no worker has, else the one with most blocks left. */
  #choose(member: Member): Remainder | undefined {
    const left = ({ work, next }: Remainder) => work.length - next;
    return (
      this.#shares.find(({ holders }) => holders.has(member)) ??
      this.#shares.find(({ holders }) => holders.size === 0) ??
      this.#shares
        .filter(({ keysAndValues }) => keysAndValues.areHere)
        .sort((a, b) => left(b) - left(a))[0]
    );
  }

  #countBlocks({ work, next }: Remainder, workers: number): number {
    const left = total(work.slice(next));
    const most = Math.min(MOST_WORK, this.#work / (workers * TASKS_PER_WORKER));
    const wanted = left / Math.ceil(left / Math.max(most, 1)); // equal tasks, no small one at the end
    let blocks = 1;
    let sum = work[next] as number;
    while (next + blocks < work.length && sum + (work[next + blocks] as number) / 2 < wanted) {
      sum += work[next + blocks] as number;
      ++blocks;
    }
    return blocks;
  }

  #orderOf(share: Remainder, queries: Range, withKeys: boolean): TaskOrder {
    const { id, query, keysAndValues } = share;
    return {
      kind: 'attend',
      share: id,
      query: query.take(queries),
      options: this.#options.of(share, queries),
      ...(withKeys && { keys: keysAndValues.take() }),
    };
  }
}

function forget({ id, holders, keysAndValues }: Remainder): void {
  keysAndValues.release();
  for (const member of holders) member.finish(id);
}

/** Estimates the work of each block. Without `positions`, all keys are visited. */
function workOfBlocks(call: Call, share: Share, positions: Positions | undefined): number[] {
  const { batches, keyHeads, keys, cuts } = share;
  const heads = queryHeads(call, keyHeads);
  const perPair =
    (batches.end - batches.start) *
    (heads.end - heads.start) *
    (call.query.geometry.columns + call.value.geometry.columns);
  return cuts.slice(1).map((end, i) => {
    const start = cuts[i] as number;
    const middle = (start + end) >> 1;
    const attended =
      positions?.attendedKeys(batches.start, middle, keys.start, keys.end) ?? keys.end - keys.start;
    return Math.max(1, perPair * (end - start) * attended);
  });
}

function total(work: readonly number[]): number {
  return work.reduce((sum, own) => sum + own, 0);
}

function buffersOf({ query, keys, options }: TaskOrder): ArrayBuffer[] {
  const tensors = [query, keys?.key, keys?.value, ...Object.values(options)];
  return tensors.flatMap((tensor) =>
    ArrayBuffer.isView(tensor?.data) ? [tensor.data.buffer as ArrayBuffer] : [],
  );
}
