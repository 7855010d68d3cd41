import { flushSync } from 'svelte';
import { createSubscriber } from 'svelte/reactivity';

const query = globalThis.matchMedia?.('print');

/** Whether the page is on its way to paper. */
const subscribe = createSubscriber((update) => {
  // The browser takes its picture right after these events.
  const now = () => flushSync(update);
  query?.addEventListener('change', now);
  return () => query?.removeEventListener('change', now);
});

export function isPrinting(): boolean {
  subscribe();
  return query?.matches ?? false;
}
