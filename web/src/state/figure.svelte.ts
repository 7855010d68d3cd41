import { createContext } from 'svelte';
import type { CellKey, MatrixName } from './cells.ts';
import { operandsOf, type ResultName } from './operands.ts';
import type { PageState } from './page.svelte.ts';

const RESULTS: readonly MatrixName[] = ['products', 'scaled', 'masked', 'weights', 'output'];

/**
 * A group of matrices with one selected cell, whose formula and operands are shown. Hover previews a
 * selection; focus and click make it.
 */
export class Figure {
  readonly #page: PageState;
  readonly #always: (() => ResultName) | null;
  #selected: ResultName = $state('weights');
  #previewed: ResultName | null = $state(null);

  readonly result: ResultName = $derived.by(
    () => this.#always?.() ?? this.#previewed ?? this.#selected,
  );
  readonly operands: ReadonlySet<CellKey> = $derived.by(() => {
    const { shown, selection, logits } = this.#page;
    return shown ? operandsOf(this.result, selection, shown, logits) : new Set<CellKey>();
  });

  /** `always` names the only result of the figure; without it, the pointer chooses the result. */
  constructor(page: PageState, always: (() => ResultName) | null = null) {
    this.#page = page;
    this.#always = always;
  }

  select(name: MatrixName): void {
    if (isResult(name)) this.#selected = name;
    this.#previewed = null;
  }

  preview(name: MatrixName | null): void {
    this.#previewed = name !== null && isResult(name) ? name : null;
  }
}

function isResult(name: MatrixName): name is ResultName {
  return RESULTS.includes(name);
}

export const [getFigure, setFigure] = createContext<Figure>();
