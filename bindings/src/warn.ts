const said = new Set<string>();

/** Tells the developer of something that does no harm yet; once for each subject. */
export function warnOnce(subject: string, text: string): void {
  if (said.has(subject)) return;
  said.add(subject);
  console.warn(`qkv: ${text}`);
}
