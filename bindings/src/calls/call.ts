import { describe, QkvError } from '../errors.js';
import type { MainModule } from '../loading/glue.js';
import { InMemory, Resident } from '../memory/resident.js';
import type { Captured } from '../types.js';
import type { Arguments } from './arguments.js';
import { readCaptures } from './captures.js';
import { type Geometry, geometryOf, type Layout, readLayout } from './geometry.js';
import { NONE, type Raw, readOwn } from './named-options.js';
import { adviceForElsewhere } from './names-elsewhere.js';
import type { AnyKind, Broadcast, ProblemMember, ReadingContext } from './option-kinds.js';
import { ATTENTION_OPTIONS, OPTIONS, type OptionName, type OptionValues } from './options.js';
import { readOut } from './out.js';
import { expectStorage, readTensor, type TensorData } from './tensors.js';

/** A query, key or value, read once, as [batch, heads, rows, columns]. */
export interface Operand {
  readonly argument: string;
  readonly source: TensorData | InMemory;
  readonly shape: readonly number[];
  readonly geometry: Geometry;
}

/** One call, read from its arguments. No code of the caller runs after reading. */
export interface Call {
  readonly query: Operand;
  readonly key: Operand;
  readonly value: Operand;
  /** The options that were given. */
  readonly options: OptionValues;
  readonly capture: ReadonlySet<Captured>;
  readonly out: Float32Array | Resident | undefined;
}

type Operands = Pick<Call, 'query' | 'key' | 'value'>;
type RawOptions = Raw<(typeof ATTENTION_OPTIONS)[number]>;

const NO_OPTIONS: OptionValues = Object.freeze({});
const AT_THE_END: OptionValues = Object.freeze({ queryOffset: 'end' });
const NO_CAPTURES: ReadonlySet<Captured> = new Set();

export function readCall(given: Arguments, module: MainModule): Call {
  const { query, cache, key, value, options } = given;
  return cache === undefined
    ? readGivenCall(query, key, value, options, module)
    : readCachedCall(query, cache, options, module);
}

/** A call with the keys and values of a cache. */
function readCachedCall(
  query: unknown,
  cache: NonNullable<Arguments['cache']>,
  given: unknown,
  module: MainModule,
): Call {
  const raw: RawOptions = readOwn('options', given, ATTENTION_OPTIONS, adviceForElsewhere);
  const operands = {
    query: readOperand('query', query, readLayout(raw.layout)),
    ...cache.operands(),
  };
  const call = readWith(raw, operands, module, AT_THE_END);
  // Again, because reading options may have run code of the caller, which may have changed the cache.
  return raw === NONE ? call : { ...call, ...cache.operands() };
}

function readGivenCall(
  query: unknown,
  key: unknown,
  value: unknown,
  given: unknown,
  module: MainModule,
): Call {
  // Options first: their getters may run code of the caller, which must not see half a call.
  const raw: RawOptions = readOwn('options', given, ATTENTION_OPTIONS, adviceForElsewhere);
  const layout = readLayout(raw.layout);
  const operands: Operands = {
    query: readOperand('query', query, layout),
    key: readOperand('key', key, layout),
    value: readOperand('value', value, layout),
  };
  expectRankOf(operands.query, operands.key);
  expectRankOf(operands.query, operands.value);
  return readWith(raw, operands, module, NO_OPTIONS);
}

function readOperand(argument: string, input: unknown, layout: Layout): Operand {
  const source = input instanceof InMemory ? input : readTensor(argument, input);
  const { shape } = source;
  return { argument, source, shape, geometry: geometryOf(argument, shape, layout) };
}

function expectRankOf(query: Operand, { argument, shape }: Operand): void {
  if (shape.length === query.shape.length) return;
  throw new QkvError('ERR_SHAPE', {
    argument,
    expected: `rank ${query.shape.length}, as query ${describe(query.shape)}`,
    received: describe(shape),
  });
}

function readWith(
  raw: RawOptions,
  { query, key, value }: Operands,
  module: MainModule,
  defaults: OptionValues,
): Call {
  const isPlain = raw === NONE;
  const { batch, heads } = query.geometry;
  const call: Call = {
    query,
    key,
    value,
    options: isPlain ? defaults : { ...defaults, ...readOptions(raw, { batch, heads, module }) },
    capture: raw.capture === undefined ? NO_CAPTURES : readCaptures('capture', raw.capture),
    out: raw.out === undefined ? undefined : readOut('out', raw.out),
  };
  // Last: code of the caller ran until here, and it may have disposed of tensors or detached buffers.
  expectUsable(call.query);
  expectUsable(call.key);
  expectUsable(call.value);
  if (isPlain) return call;
  for (const { name, source } of tensorsOf(call.options)) expectStorage(name, source);
  if (call.out instanceof Resident) call.out.expectInUse('out');
  return call;
}

function readOptions(raw: RawOptions, context: ReadingContext): OptionValues {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(OPTIONS) as OptionName[]) {
    const given = raw[name];
    if (given !== undefined) values[name] = OPTIONS[name].kind.read(name, given, context);
  }
  return values;
}

function expectUsable({ argument, source }: Operand): void {
  if (source instanceof Resident) source.expectInUse(argument);
  else if (!(source instanceof InMemory)) expectStorage(argument, source);
}

/** The options that are tensors. */
export function tensorsOf(
  options: OptionValues,
): (Broadcast & { readonly name: OptionName; readonly member: ProblemMember })[] {
  return (Object.keys(options) as OptionName[]).flatMap((name) => {
    const { tensor: member }: AnyKind = OPTIONS[name].kind;
    return member === undefined ? [] : [{ ...(options[name] as Broadcast), name, member }];
  });
}
