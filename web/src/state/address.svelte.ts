import { fromHash } from './link.ts';
import type { PageState } from './page.svelte.ts';

/**
 * Changes within this time are one entry of the browser's history. Browsers allow about three entries a
 * second.
 */
const SETTLED_MS = 300;

/** Marks an entry that was shown before. When the reader returns to it, the browser scrolls by itself. */
const SHOWN = 'shown';

/**
 * Keeps the address and the page in step. Changes of the page are written to the address, and an address
 * that the reader opens or returns to is shown. `show` brings a section into view. Call this function
 * while a component is initialised.
 */
export function followAddress(page: PageState, show: (section: number) => void): void {
  /** The present address as this page would write it. */
  let written = page.addressOf(page.section);
  let mergeOfEntry: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function write(): void {
    clearTimeout(timer);
    const hash = page.addressOf(page.section);
    if (hash === null || hash === written) return;
    const url = hash === '' ? location.pathname + location.search : hash;
    // The digits of one number are one entry.
    const continues = page.merge !== null && page.merge === mergeOfEntry;
    if (continues) history.replaceState(SHOWN, '', url);
    else history.pushState(SHOWN, '', url);
    mergeOfEntry = page.merge;
    written = hash;
  }

  function arrive({ state }: PopStateEvent): void {
    clearTimeout(timer);
    open(page);
    written = page.addressOf(page.section);
    mergeOfEntry = null;
    if (state === SHOWN) return;
    history.replaceState(SHOWN, '');
    if (page.section > 0) show(page.section);
  }

  $effect(() => {
    const hash = page.addressOf(page.section);
    clearTimeout(timer);
    if (hash !== null && hash !== written) timer = setTimeout(write, SETTLED_MS);
  });
  $effect(() => {
    history.replaceState(SHOWN, '');
    window.addEventListener('popstate', arrive);
    window.addEventListener('pagehide', write);
    return () => {
      window.removeEventListener('popstate', arrive);
      window.removeEventListener('pagehide', write);
    };
  });
}

/** Shows the model of the address. A damaged address gives the default page and a notice. */
export function open(page: PageState): void {
  if (document.getElementById(location.hash.slice(1))) return; // a place on this page
  const reading = fromHash(location.hash);
  const whole = reading.ok ? reading : fromHash('');
  if (whole.ok) page.visit(whole.place);
  page.notice = reading.ok ? null : reading.problem;
}
