import type { Attention } from 'qkv';
import { createContext } from 'svelte';
import { readNumber } from '../numbers/numberGrammar.ts';
import type { SectionId } from '../sections/sections.ts';
import { Words } from '../words/words.svelte.ts';
import { type CellAddress, resize, setCell } from './commands.ts';
import { type ComparisonResult, compareWithArticle } from './comparison.ts';
import { type Computation, computeModel, isEmptyRow, overflows } from './computation.ts';
import { ContentHistory } from './contentHistory.svelte.ts';
import { type Drafts, draftKey, type Problem, problemsOf, textAt } from './drafts.ts';
import { type Content, isSame, type Place, toHash } from './link.ts';
import {
  changesScores,
  DEFAULT_MODEL,
  INPUT_NAMES,
  keyHeadOf,
  type Model,
  type Shape,
  shapeOf,
} from './model.ts';
import type { LogitsName } from './operands.ts';
import type { Part, StateOf } from './part.ts';

export type EngineState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly engine: Attention }
  | { readonly status: 'failed'; readonly reason: string };

/**
 * The cell whose formula is shown: (query, key) in the first three steps, (query, column) in the
 * last; of one head.
 */
export interface Selection {
  readonly head: number;
  readonly query: number;
  readonly key: number;
  readonly column: number;
}

const FIRST: Selection = { head: 0, query: 0, key: 0, column: 0 };

/** What the page holds with its history, the unfinished typing, and the engine's results. */
export class PageState {
  /** Whether one section is shown in the frame of another page. */
  isEmbedded = false;
  engine: EngineState = $state.raw({ status: 'loading' });
  /** The engine's message if it refused the model. */
  refusal: string | null = $state(null);
  /** The section that the reader went to; null is the top. */
  section: SectionId | null = $state(null);
  /** Whether the first section is whole. The page stays invisible until then, so that nothing jumps. */
  isComplete = $state(false);
  /** What was wrong with the link that opened the page, until the first change. */
  notice: string | null = $state(null);

  /** The words behind the worked example. */
  readonly words = new Words(this);

  readonly #content = new ContentHistory();
  #drafts: Drafts = $state.raw({});
  #computed: readonly Computation[] = $state.raw([]);
  /** The model that was computed last. */
  #computedOf: Model | null = null;
  #selected: Selection = $state.raw(FIRST);
  #previewed: Selection | null = $state.raw(null);

  readonly model: Model = $derived(this.#content.present.model);
  /** The subject of the last change, for changes that are one step back: see history.ts. */
  readonly merge: string | null = $derived(this.#content.merge);
  readonly canUndo: boolean = $derived(this.#content.canUndo);
  readonly canRedo: boolean = $derived(this.#content.canRedo);
  readonly shape: Shape = $derived(shapeOf(this.model));
  readonly step: number = $derived(this.model.step);
  readonly isArticle: boolean = $derived(
    INPUT_NAMES.every((name) => isSame(this.model[name], DEFAULT_MODEL[name])),
  );

  readonly problems: readonly Problem[] = $derived(problemsOf(this.model, this.#drafts));
  readonly isStale: boolean = $derived(this.problems.length > 0 || this.refusal !== null);

  /** Hover previews a selection, focus and click make it; both show the same. */
  readonly selection: Selection = $derived(this.#previewed ?? this.#selected);
  /** The last good computation of each head. */
  readonly heads: readonly Computation[] = $derived(this.#computed);
  readonly shown: Computation | null = $derived(
    this.#computed[this.selection.head] ?? this.#computed[0] ?? null,
  );
  /** The head of K and V that belongs to the selected one. */
  readonly keyHead: number = $derived(keyHeadOf(this.selection.head, this.shape));
  readonly overflows: boolean = $derived(this.#computed.some(overflows));
  readonly comparison: ComparisonResult | null = $derived(
    this.engine.status === 'ready' && this.shown
      ? compareWithArticle(this.engine.engine, this.shown, this.model.options)
      : null,
  );
  readonly logits: LogitsName = $derived(changesScores(this.model.options) ? 'masked' : 'scaled');

  engineReady(engine: Attention): void {
    this.engine = { status: 'ready', engine };
    this.#recompute();
  }

  engineFailed(reason: string): void {
    this.engine = { status: 'failed', reason };
  }

  /** Makes the next model the present one. Unfinished typing in other cells is dropped. */
  change(command: (model: Model) => Model, merge: string | null = null): void {
    this.#drafts = {};
    this.#record(command(this.model), merge);
  }

  /** What the address holds. */
  get content(): Content {
    return this.#content.present;
  }

  /** The state of a part of the page. */
  of<P extends Part>(part: P): StateOf<P> {
    return this.#content.of(part);
  }

  /**
   * Changes the state of a part. The same `merge` makes consecutive changes one step back, such as the
   * moves of a slider. A walk is no step back: see fields.ts.
   */
  set<P extends Part>(part: P, change: Partial<StateOf<P>>, merge: string | null = null): void {
    this.#after(this.#content.set(part, change, merge));
  }

  edit(at: CellAddress, text: string): void {
    this.#drafts = { ...this.#drafts, [draftKey(at)]: text };
    const reading = readNumber(text);
    if (reading.ok) this.#record(setCell(this.model, at, reading.value), draftKey(at));
  }

  textAt(at: CellAddress): string {
    return textAt(this.model, this.#drafts, at);
  }

  resize(change: Partial<Shape>): void {
    this.#record(resize(this.model, change), null);
  }

  /** Undo does not take a step of the worked example back. */
  goTo(step: number): void {
    this.#content.goToStep(step);
    this.#previewed = null;
  }

  undo(): void {
    this.#turn(this.#content.undo());
  }

  redo(): void {
    this.#turn(this.#content.redo());
  }

  /** Shows what an address holds. */
  visit({ section, ...content }: Place): void {
    this.section = section;
    this.#turn(this.#content.visit(content));
  }

  /** The address of a section of the page as it is now; null if it would be too long. */
  addressOf(section: SectionId | null): string | null {
    return toHash({ ...this.#content.present, section });
  }

  /** Whether this query has no key left: its weights and output are 0 by definition. */
  isEmptyRow(query: number): boolean {
    return this.shown !== null && isEmptyRow(this.shown, query);
  }

  select(change: Partial<Selection>): void {
    this.#selected = { ...this.#selected, ...change };
    this.#previewed = null;
  }

  preview(change: Partial<Selection> | null): void {
    this.#previewed = change && { ...this.#selected, ...change };
  }

  #turn(isDifferent: boolean): void {
    if (isDifferent) this.#drafts = {};
    this.#after(isDifferent);
  }

  #record(model: Model, merge: string | null): void {
    this.#after(this.#content.setModel(model, merge));
  }

  #after(isDifferent: boolean): void {
    if (!isDifferent) return;
    this.notice = null;
    if (this.model !== this.#computedOf) this.#recompute();
  }

  #recompute(): void {
    if (this.engine.status !== 'ready') return;
    this.#computedOf = this.model;
    try {
      this.#computed = computeModel(this.engine.engine, this.model);
      this.refusal = null;
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
    this.#keepSelectionInside();
  }

  #keepSelectionInside(): void {
    const { heads, queries, keys, width } = this.shape;
    const { head, query, key, column } = this.#selected;
    this.#selected = {
      head: Math.min(head, heads - 1),
      query: Math.min(query, queries - 1),
      key: Math.min(key, keys - 1),
      column: Math.min(column, width - 1),
    };
    this.#previewed = null;
  }
}

export const [getPage, setPage] = createContext<PageState>();
