import type { InputName } from '../state/cells.ts';
import { isSame, toHash } from '../state/link.ts';
import { DEFAULT_MODEL, type Model } from '../state/model.ts';
import type { PageState } from '../state/page.svelte.ts';
import { withState } from '../state/part.ts';
import { namesOf, type RowNames } from './names.ts';
import { type Projections, project, rowsOf } from './projection.ts';
import { ASKING, WORDS, type WordsState } from './state.ts';

const NO_NAMES: RowNames = { q: [], k: [], v: [] };

/** The words with their queries, keys and values, and what the worked example shows of them. */
export class Words {
  readonly #page: PageState;

  readonly state: WordsState = $derived.by(() => this.#page.of(WORDS));
  readonly projections: Projections | null = $derived.by(() => {
    const { engine } = this.#page;
    return engine.status === 'ready' ? project(engine.engine, this.state) : null;
  });
  /** The worked example of these words: the last of them asks. */
  readonly example: Model | null = $derived.by(() => {
    if (!this.projections) return null;
    const { q, k, v } = this.projections;
    return { ...DEFAULT_MODEL, q: [rowsOf(q).slice(ASKING)], k: [rowsOf(k)], v: [rowsOf(v)] };
  });
  readonly isArticle: boolean = $derived.by(() => isSame(this.example, DEFAULT_MODEL));
  readonly names: RowNames = $derived.by(() =>
    this.projections && this.state.opened ? namesOf(this.#page.model, this.projections) : NO_NAMES,
  );

  constructor(page: PageState) {
    this.#page = page;
  }

  /** The word of a row of Q, K or V in the worked example. */
  nameOf(matrix: InputName, row: number): string | null {
    return this.names[matrix][row] ?? null;
  }

  /** The address of the worked example with these words. */
  get exampleAddress(): string | null {
    if (!this.example) return null;
    const parts = withState(this.#page.content.parts, WORDS, { opened: true });
    return toHash({ model: this.example, parts, section: 'example' });
  }
}
