import { fromHash } from './link.ts';
import type { PageState } from './page.svelte.ts';

/**
 * A burst of changes is one entry of the browser's history, and browsers allow no more than about three
 * a second.
 */
const SETTLED_MS = 300;

/**
 * Keeps the address and the page the same: what the reader does is written to it, and an address that is
 * opened, or come back to, is shown. `show` brings a section into view. Call it while a component is
 * made.
 */
export function followAddress(page: PageState, show: (section: number) => void): void {
  let written = location.hash;
  let mergeOfEntry: string | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    const hash = page.addressOf(page.section);
    if (hash === null || hash === written) return;
    const url = hash === '' ? location.pathname + location.search : hash;
    // The digits of one number are one entry.
    const continues = page.merge !== null && page.merge === mergeOfEntry;
    if (continues) history.replaceState(null, '', url);
    else history.pushState(null, '', url);
    mergeOfEntry = page.merge;
    written = hash;
  }

  function arrive(): void {
    clearTimeout(timer);
    timer = undefined;
    written = location.hash;
    mergeOfEntry = null;
    const before = page.section;
    open(page);
    // An address that a reader typed or followed; the browser itself scrolls on Back and Forward.
    if (page.section !== before && page.section > 0) show(page.section);
  }

  $effect(() => {
    const hash = page.addressOf(page.section);
    if (hash === null || hash === written) clearTimeout(timer);
    else {
      clearTimeout(timer);
      timer = setTimeout(write, SETTLED_MS);
    }
  });
  $effect(() => {
    window.addEventListener('popstate', arrive);
    window.addEventListener('pagehide', write);
    return () => {
      window.removeEventListener('popstate', arrive);
      window.removeEventListener('pagehide', write);
    };
  });
}

/** Shows what the address says. One that is damaged gives the page as it opens, and says so. */
export function open(page: PageState): void {
  if (document.getElementById(location.hash.slice(1))) return; // a place on this page
  const reading = fromHash(location.hash);
  if (reading.ok) {
    page.notice = null;
    page.visit(reading.place);
    return;
  }
  page.notice = reading.problem;
  const whole = fromHash('');
  if (whole.ok) page.visit(whole.place);
}
