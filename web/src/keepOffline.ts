import { allowOwnScripts } from './workers/ownScripts.ts';

/** Registers the service worker that keeps the page for use without a network. */
export function keepOffline(): void {
  // The development server has no service worker, and insecure addresses may not have one.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => {
    allowOwnScripts();
    // If it is refused, as in a private window, the page only works online.
    navigator.serviceWorker.register('./service-worker.js').catch(() => {});
  });
}
