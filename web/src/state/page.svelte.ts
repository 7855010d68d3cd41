import type { Attention } from 'qkv';
import { createContext } from 'svelte';
import { readNumber } from '../numbers/numberGrammar.ts';
import { type CellAddress, goToStep, resize, setCell } from './commands.ts';
import { type ComparisonResult, compareWithArticle } from './comparison.ts';
import { type Computation, computeModel, isEmptyRow, overflows } from './computation.ts';
import { type Drafts, draftKey, type Problem, problemsOf, textAt } from './drafts.ts';
import { type History, historyOf, record, redo, undo } from './history.ts';
import { isSame, type Place, toHash } from './link.ts';
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

/** The model of the page with its history, the unfinished typing, and the engine's results. */
export class PageState {
  engine: EngineState = $state.raw({ status: 'loading' });
  /** The engine's message if it refused the model. */
  refusal: string | null = $state(null);
  /** The section that the reader went to, from 1; 0 is the top. */
  section = $state(0);
  /** What was wrong with the link that opened the page, until the first change. */
  notice: string | null = $state(null);

  #history: History<Model> = $state.raw(historyOf(DEFAULT_MODEL));
  #drafts: Drafts = $state.raw({});
  #computed: readonly Computation[] = $state.raw([]);
  #selected: Selection = $state.raw(FIRST);
  #previewed: Selection | null = $state.raw(null);

  readonly model: Model = $derived(this.#history.present);
  /** The subject of the last change, for changes that are one step back: see history.ts. */
  readonly merge: string | null = $derived(this.#history.merge);
  readonly canUndo: boolean = $derived(this.#history.past.length > 0);
  readonly canRedo: boolean = $derived(this.#history.future.length > 0);
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
      ? compareWithArticle(this.engine.engine, this.shown)
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
    this.#history = { ...this.#history, present: goToStep(this.model, step), merge: null };
    this.#previewed = null;
  }

  undo(): void {
    this.#travel(undo);
  }

  redo(): void {
    this.#travel(redo);
  }

  /** Shows the model, step and section of an address. */
  visit({ model, section }: Place): void {
    this.section = section;
    if (isSame(model, this.model)) return;
    const sameBut = isSame({ ...model, step: this.step }, this.model);
    if (sameBut) this.goTo(model.step);
    else this.change(() => model);
  }

  /** The address of a section of the page as it is now; null if it would be too long. */
  addressOf(section: number): string | null {
    return toHash({ model: this.model, section });
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

  #travel(by: (history: History<Model>) => History<Model>): void {
    const travelled = by(this.#history);
    if (travelled === this.#history) return;
    this.#drafts = {};
    this.#history = { ...travelled, present: { ...travelled.present, step: this.step } };
    this.#recompute();
  }

  #record(next: Model, merge: string | null): void {
    if (isSame(next, this.model)) return;
    this.notice = null;
    this.#history = record(this.#history, next, merge);
    this.#recompute();
  }

  #recompute(): void {
    if (this.engine.status !== 'ready') return;
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
