/** What bindings/embind.cpp exports: functions on addresses, enums by name, offsets of members. */
export interface Module extends Offsets {
  allocate(bytes: number): number;
  release(address: number): void;
  /** 0 if the status says what is wrong. */
  validate(problem: number, status: number): number;
  workspaceBytes(problem: number): number;
  /** Validates and computes; 0 if the status says what is wrong. */
  attend(problem: number, status: number, workspace: number): number;
  trace(problem: number, trace: number, workspace: number): void;
  merge(problem: number, parts: number, count: number): void;
  rotaryEmbedding(rotary: number): void;
  rotaryTables(
    positions: number,
    count: number,
    rotaryDepth: number,
    base: number,
    cos: number,
    sin: number,
  ): void;
  readonly Code: EmbindEnum;
  readonly Argument: EmbindEnum;
}

type EmbindEnum = Record<string, { readonly value: number }>;

type Struct = 'Problem' | 'Status' | 'Trace' | 'MergePart' | 'Rotary';

type Offsets = {
  readonly [Name in `Problem_${ProblemMember}` | `${Struct}_size`]: number;
};

/** Members of qkv::Problem (src/problem.hpp), where they are documented. */
export type ProblemMember =
  | 'extents'
  | 'query'
  | 'key'
  | 'value'
  | 'output'
  | 'scale'
  | 'softcap'
  | 'causal'
  | 'align_end'
  | 'query_offset'
  | 'window_left'
  | 'window_right'
  | 'key_lengths'
  | 'mask'
  | 'bias'
  | 'alibi_slopes'
  | 'sinks'
  | 'capture';

/** The glue that Emscripten makes for a variant, as plugins/glue.mjs wraps it. */
export type ModuleFactory = (overrides: {
  wasmMemory: WebAssembly.Memory;
  instantiateWasm(
    imports: WebAssembly.Imports,
    onInstance: (instance: WebAssembly.Instance) => void,
  ): void;
}) => Promise<Module>;
