const said = new Set<string>();

/** Tells the developer of something that does no harm yet; once for each subject. */
export function warnOnce(subject: string, text: string): void {
  if (said.has(subject)) return;
  said.add(subject);
  console.warn(`qkv: ${text}`);
}

/**
 * In development, that something was collected before it was disposed of. Bundlers write the value of
 * NODE_ENV in its place, and leave this out for production; where there is no process, nothing is said.
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
