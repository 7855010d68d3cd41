import { describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import { Resident } from '../memory/resident.js';
import { alignRight } from './geometry.js';
import { readMask } from './masks.js';
import { readOwn } from './named-options.js';
import {
  asBoolean,
  asInteger,
  asNumber,
  asNumbers,
  asWhole,
  INT32_MAX,
  INT32_MIN,
} from './scalars.js';
import { readTensor, type TensorData } from './tensors.js';
import { typeOfArray } from './typed-arrays.js';

/** A member of qkv::Problem, as Embind names its offset. */
export type ProblemMember = Extract<keyof MainModule, `Problem_${string}`>;

/** What an option may need to know of the call. */
export interface ReadingContext {
  readonly batch: number;
  readonly heads: number;
  readonly module: Pick<MainModule, 'unbounded'>;
}

/** Where an option writes its members. */
export interface ProblemWriter {
  setFloat(member: ProblemMember, value: number): void;
  setInt(member: ProblemMember, value: number): void;
  /** Lets the member point to a short list. */
  setFloats(member: ProblemMember, values: readonly number[]): void;
  setInts(member: ProblemMember, values: readonly number[]): void;
  /** Writes the extents of a broadcast tensor. Its data is copied later (ProblemMemory.fill). */
  setExtents(member: ProblemMember, extents: readonly number[]): void;
}

/** A kind of option: how it is read from the caller and written to qkv::Problem. */
export interface OptionKind<Value> {
  /** Checks types only; the core checks values. */
  read(argument: string, given: unknown, context: ReadingContext): Value;
  write(problem: ProblemWriter, value: Value): void;
  /** The qkv::Broadcast that it fills, if it is a tensor. */
  readonly tensor?: ProblemMember;
}

/** A kind of option with any type of value. */
export type AnyKind = Pick<OptionKind<unknown>, 'read' | 'tensor'> & {
  write(problem: ProblemWriter, value: never): void;
};

export type ValueOf<Kind extends AnyKind> = ReturnType<Kind['read']>;

/** A float32. */
export function number(member: ProblemMember): OptionKind<number> {
  return {
    read: asNumber,
    write: (problem, value) => problem.setFloat(member, value),
  };
}

export function flag(member: ProblemMember): OptionKind<boolean> {
  return {
    read: asBoolean,
    write: (problem, value) => problem.setInt(member, Number(value)),
  };
}

/** Position of query 0 on the key axis: one for each batch element, one for all, or 'end'. */
export function offset(
  member: ProblemMember,
  alignEnd: ProblemMember,
): OptionKind<readonly number[] | 'end'> {
  return {
    read: readOffset,
    write(problem, value) {
      if (value === 'end') problem.setInt(alignEnd, 1);
      else problem.setInts(member, value);
    },
  };
}

function readOffset(argument: string, given: unknown, { batch }: ReadingContext) {
  if (given === 'end') return given;
  if (typeof given === 'number') {
    return Array<number>(batch).fill(asInteger(argument, given));
  }
  if (Array.isArray(given) || typeOfArray(given)) {
    return asNumbers(argument, given, { count: batch, of: 'batch element' }, asInteger);
  }
  throw new QkvError('ERR_TYPE', {
    argument,
    expected: "an integer, an array of them (one for each batch element) or 'end'",
    received: describe(given),
  });
}

/** Both bounds are optional; Infinity means none. */
export interface WindowBounds {
  readonly left: number | undefined;
  readonly right: number | undefined;
}

export function windowBounds(left: ProblemMember, right: ProblemMember): OptionKind<WindowBounds> {
  return {
    read(argument, given, { module }) {
      const raw = readOwn(argument, given, ['left', 'right']);
      const bound = (side: 'left' | 'right') => {
        const value = raw[side];
        if (value === undefined || value === Number.POSITIVE_INFINITY) return undefined;
        const name = `${argument}.${side}`;
        const keys = asWhole(name, value, 'an integer of keys, or Infinity');
        return keys < 0 ? toInt32(keys) : asInteger(name, keys, 0, module.unbounded - 1);
      };
      return { left: bound('left'), right: bound('right') };
    },
    write(problem, value) {
      if (value.left !== undefined) problem.setInt(left, value.left);
      if (value.right !== undefined) problem.setInt(right, value.right);
    },
  };
}

export function floatPerHead(member: ProblemMember): OptionKind<readonly number[]> {
  return {
    read: (argument, given, { heads }) =>
      asNumbers(argument, given, { count: heads, of: 'query head' }, asNumber),
    write: (problem, values) => problem.setFloats(member, values),
  };
}

function toInt32(value: number): number {
  return Math.min(Math.max(value, INT32_MIN), INT32_MAX);
}

export function integerPerBatch(member: ProblemMember): OptionKind<readonly number[]> {
  return {
    read: (argument, given, { batch }) =>
      asNumbers(argument, given, { count: batch, of: 'batch element' }, asWhole),
    // The core refuses what is out of range; what is no int32 must stay out of range.
    write: (problem, values) => problem.setInts(member, values.map(toInt32)),
  };
}

/** A tensor that broadcasts to [B, H, L, S], and its four right-aligned extents. */
export interface Broadcast<Data extends Float32Array | Uint8Array = Float32Array | Uint8Array> {
  readonly source: TensorData<Data>;
  readonly extents: readonly number[];
}

export function booleanBroadcast(member: ProblemMember): OptionKind<Broadcast<Uint8Array>> {
  return broadcast(member, readMask);
}

export function floatBroadcast(member: ProblemMember): OptionKind<Broadcast<Float32Array>> {
  return broadcast(member, (argument, given) => {
    if (given instanceof Resident) given.expectInUse(argument);
    return readTensor(argument, given);
  });
}

function broadcast<Data extends Float32Array | Uint8Array>(
  member: ProblemMember,
  read: (argument: string, given: unknown) => TensorData<Data>,
): OptionKind<Broadcast<Data>> {
  return {
    tensor: member,
    read(argument, given) {
      const source = read(argument, given);
      return { source, extents: alignRight(argument, source.shape) };
    },
    write: (problem, { extents }) => problem.setExtents(member, extents),
  };
}
