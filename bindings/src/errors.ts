export type ErrorCode =
  | 'ERR_SHAPE'
  | 'ERR_OPTION'
  | 'ERR_VALUE'
  | 'ERR_TYPE'
  | 'ERR_DETACHED'
  | 'ERR_OVERLAP'
  | 'ERR_SIZE'
  | 'ERR_OOM'
  | 'ERR_DISPOSED'
  | 'ERR_ABORTED'
  | 'ERR_WASM_NOT_FOUND'
  | 'ERR_WASM_INVALID'
  | 'ERR_CSP'
  | 'ERR_UNSUPPORTED'
  | 'ERR_VERSION';

/** @internal */
declare const FOLLOWED: unique symbol;

/** A sentence that says how to fix an error. Only advice`…` makes one, so that tests find it and follow it. */
export type Advice = string & {
  /** @internal */
  readonly [FOLLOWED]: true;
};

/**
 * Marks advice. tests/package/advice.test.mjs reads all advice from the sources, and fails for advice that
 * no case follows to the right result.
 * @internal
 */
export function advice(texts: TemplateStringsArray, ...values: unknown[]): Advice {
  return String.raw({ raw: texts }, ...values) as Advice;
}

export interface ErrorDetails {
  /** The argument or option at fault: `key`, `window.left`, `wasm`. */
  readonly argument?: string | undefined;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
  /** How to fix it, as a sentence. */
  readonly fix?: Advice | undefined;
  readonly cause?: unknown;
}

/** Every error of this package: a stable code, what was expected and received, and how to fix it. */
export class QkvError extends Error {
  readonly code: ErrorCode;
  readonly argument: string | undefined;
  readonly expected: string | undefined;
  readonly received: string | undefined;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, details: ErrorDetails) {
    const { argument, expected, received, fix, cause } = details;
    const facts = [expected && `expected ${expected}`, received && `received ${received}`]
      .filter(Boolean)
      .join(', ');
    const sentence = [argument, facts].filter(Boolean).join(': ');
    const message = [sentence && `${sentence}.`, fix].filter(Boolean).join(' ');
    super(`${message} [${code}]`, cause === undefined ? undefined : { cause });
    this.name = 'QkvError';
    this.code = code;
    this.argument = argument;
    this.expected = expected;
    this.received = received;
    this.fix = fix;
  }
}

/** A short text for a value in an error message. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value));
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (value === null || typeof value === 'undefined' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (Array.isArray(value))
    return value.length > 8
      ? `an array of ${value.length}`
      : `[${Array.from(value, item).join(', ')}]`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object'
    ? `an object with ${Object.keys(value).slice(0, 6).join(', ') || 'no properties'}`
    : `${/^[AEIOU]/.test(tag) ? 'an' : 'a'} ${tag}`;
}

/** Nested arrays are not shown: they may be long or contain themselves. */
function item(value: unknown): string {
  return Array.isArray(value) ? '[…]' : describe(value);
}

export function shorten(text: string, most = 60): string {
  return text.length > most ? `${text.slice(0, most - 3)}…` : text;
}

/** The message of a thrown value on one line, with that of its cause, where Node's fetch has the reason. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { message, cause } = thrown;
  const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return reason.replace(/\s+/g, ' ').replace(/\.+$/, '');
}
