import { createAttention } from 'qkv';
import { fromHash } from '../../web/src/state/link.ts';
import type { Model } from '../../web/src/state/model.ts';
import { PageState } from '../../web/src/state/page.svelte.ts';

/** One for all tests of a file; it keeps nothing between calls. */
export const engine = await createAttention();

export function modelOf(hash: string): Model {
  const reading = fromHash(hash);
  if (!reading.ok) throw new Error(`a damaged link: ${reading.problem}`);
  return reading.place.model;
}

/** The state of a page that a link opens. */
export function openPage(hash = ''): PageState {
  const page = new PageState();
  page.engineReady(engine);
  page.visit({ model: modelOf(hash), section: 0 });
  return page;
}
