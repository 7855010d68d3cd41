const said = new Set<string>();

/** Warns the developer, once for each subject. */
export function warnOnce(subject: string, text: string): void {
  if (said.has(subject)) return;
  said.add(subject);
  console.warn(`qkv: ${text}`);
}

/**
 * Warns in development that something was garbage-collected without dispose(). Bundlers replace
 * NODE_ENV by its value and drop this in production. Without a `process` there is no warning.
 */
export function warnOfForgotten(what: string): void {
  try {
    if ((process as { env: { NODE_ENV?: string } }).env.NODE_ENV !== 'production') {
      warnOnce(
        what,
        `${what} was forgotten without dispose(). Its memory came back late: the garbage collector does not see it fill up. Dispose of it, or declare it with 'using'.`,
      );
    }
  } catch {}
}
