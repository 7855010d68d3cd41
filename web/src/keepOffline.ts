import { allowOwnScripts } from './workers/ownScripts.ts';

/** Once the page is up, has a service worker keep it for when there is no network. */
export function keepOffline(): void {
  // The development server has none, and insecure addresses may have none.
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const whenIdle = globalThis.requestIdleCallback ?? setTimeout;
  whenIdle(() => {
    allowOwnScripts();
    // Refused, by a private window say, the page is only not kept.
    navigator.serviceWorker.register('./service-worker.js').catch(() => {});
  });
}
