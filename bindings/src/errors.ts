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

export interface ErrorDetails {
  /** The argument or option it concerns: `key`, `window.left`, `wasm`. */
  readonly argument?: string | undefined;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
  /** What to do about it, as a sentence. */
  readonly fix?: string | undefined;
  readonly cause?: unknown;
}

/** Every error this package throws: a stable code, what was expected, what was received, and the fix in words. */
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

/** A value as an error message shows it: short, with its type where that helps. */
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

/** Rows are not shown: they may be long, or hold themselves. */
function item(value: unknown): string {
  return Array.isArray(value) ? '[…]' : describe(value);
}

export function shorten(text: string, most = 60): string {
  return text.length > most ? `${text.slice(0, most - 3)}…` : text;
}

/** What something that was thrown says, in a line; Node's fetch says why in the cause of its error. */
export function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { message, cause } = thrown;
  const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return reason.replace(/\s+/g, ' ').replace(/\.+$/, '');
}
