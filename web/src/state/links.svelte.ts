import { createContext } from 'svelte';
import type { CellKey } from './cells.ts';

/**
 * The number that is pointed at. Pointer, focus and tap light it in the formula and in its cell. A tap
 * keeps it lit.
 */
export class Links {
  #hovered: CellKey | null = $state(null);
  #focused: CellKey | null = $state(null);
  #pinned: CellKey | null = $state(null);

  readonly lit: CellKey | null = $derived(this.#hovered ?? this.#focused ?? this.#pinned);
  readonly pinned: CellKey | null = $derived(this.#pinned);

  hover(key: CellKey): void {
    this.#hovered = key;
  }

  leave(key: CellKey): void {
    if (this.#hovered === key) this.#hovered = null;
  }

  focus(key: CellKey): void {
    this.#focused = key;
  }

  blur(key: CellKey): void {
    if (this.#focused === key) this.#focused = null;
  }

  togglePin(key: CellKey): void {
    this.#pinned = this.#pinned === key ? null : key;
  }

  clear(): void {
    this.#hovered = null;
    this.#pinned = null;
  }
}

export const [getLinks, setLinks] = createContext<Links>();
