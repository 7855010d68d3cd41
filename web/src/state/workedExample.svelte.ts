import type { Attention } from 'qkv';
import { createContext } from 'svelte';
import { type Reading, readNumber } from '../numbers/numberGrammar.ts';
import { ARTICLE } from './article.ts';
import { type CellKey, cellKey, type InputName } from './cells.ts';
import { type ComparisonResult, compareWithArticle } from './comparison.ts';
import { type Computation, compute, type Inputs, overflows } from './computation.ts';
import { STEP_COUNT } from './steps.ts';

export type EngineState =
  | { readonly status: 'loading' }
  | { readonly status: 'ready'; readonly engine: Attention }
  | { readonly status: 'failed'; readonly reason: string };

/**
 * The cell whose formula is shown: (query, key) in the first three steps, (query, column) in the
 * last.
 */
export interface Selection {
  readonly query: number;
  readonly key: number;
  readonly column: number;
}

export interface Problem {
  readonly matrix: InputName;
  readonly row: number;
  readonly column: number;
  readonly text: string;
}

/** L, S, D and Dv of api.d.ts: the four numbers that give Q, K and V their shapes. */
export interface Shape {
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly width: number;
}

export const SHAPE_LIMITS = { least: 1, most: 8 } as const;
const NEW_CELL = '0';
const FIRST: Selection = { query: 0, key: 0, column: 0 };

type Texts = Record<InputName, string[][]>;

export class WorkedExample {
  /** What stands in the input cells, right or wrong. */
  readonly texts: Texts = $state(articleTexts());
  step = $state(0);
  /** The last good result; kept while an input is wrong. */
  shown: Computation | null = $state.raw(null);
  engine: EngineState = $state.raw({ status: 'loading' });
  /** What the engine itself refused, in its words. */
  refusal: string | null = $state(null);

  #selected: Selection = $state.raw(FIRST);
  #previewed: Selection | null = $state.raw(null);

  readonly readings: Record<InputName, Reading[][]> = $derived({
    q: this.texts.q.map((row) => row.map(readNumber)),
    k: this.texts.k.map((row) => row.map(readNumber)),
    v: this.texts.v.map((row) => row.map(readNumber)),
  });
  readonly problems: readonly Problem[] = $derived(problemsOf(this.readings));
  readonly isStale: boolean = $derived(this.problems.length > 0 || this.refusal !== null);
  readonly shape: Shape = $derived({
    queries: this.texts.q.length,
    keys: this.texts.k.length,
    depth: this.texts.q[0]?.length ?? 0,
    width: this.texts.v[0]?.length ?? 0,
  });
  readonly isArticle: boolean = $derived(
    JSON.stringify(this.shown?.inputs ?? ARTICLE) === JSON.stringify(ARTICLE),
  );
  readonly overflows: boolean = $derived(this.shown !== null && overflows(this.shown));
  readonly comparison: ComparisonResult | null = $derived(
    this.engine.status === 'ready' && this.shown
      ? compareWithArticle(this.engine.engine, this.shown)
      : null,
  );

  /** Hovering previews what focus or a click selects; both show the same. */
  readonly selection: Selection = $derived(this.#previewed ?? this.#selected);
  readonly operands: ReadonlySet<CellKey> = $derived(
    this.shown ? operandsOf(this.step, this.selection, this.shown) : new Set<CellKey>(),
  );

  engineReady(engine: Attention): void {
    this.engine = { status: 'ready', engine };
    this.#recompute();
  }

  engineFailed(reason: string): void {
    this.engine = { status: 'failed', reason };
  }

  edit(matrix: InputName, row: number, column: number, text: string): void {
    const cells = this.texts[matrix][row];
    if (!cells) return;
    cells[column] = text;
    this.#recompute();
  }

  reset(): void {
    Object.assign(this.texts, articleTexts());
    this.#selected = FIRST;
    this.#recompute();
  }

  resize(change: Partial<Shape>): void {
    const { queries, keys, depth, width } = { ...this.shape, ...change };
    this.texts.q = resized(this.texts.q, queries, depth);
    this.texts.k = resized(this.texts.k, keys, depth);
    this.texts.v = resized(this.texts.v, keys, width);
    this.#recompute();
  }

  goTo(step: number): void {
    this.step = Math.min(Math.max(step, 0), STEP_COUNT - 1);
    this.#previewed = null;
  }

  select(change: Partial<Selection>): void {
    this.#selected = { ...this.#selected, ...change };
    this.#previewed = null;
  }

  preview(change: Partial<Selection> | null): void {
    this.#previewed = change && { ...this.#selected, ...change };
  }

  #recompute(): void {
    if (this.engine.status !== 'ready') return;
    const inputs = inputsOf(this.readings);
    if (!inputs) return;
    try {
      this.shown = compute(this.engine.engine, inputs);
      this.refusal = null;
    } catch (error) {
      this.refusal = error instanceof Error ? error.message : String(error);
    }
    this.#keepSelectionInside();
  }

  #keepSelectionInside(): void {
    if (!this.shown) return;
    const { queries, keys, width } = this.shape;
    const { query, key, column } = this.#selected;
    this.#selected = {
      query: Math.min(query, queries - 1),
      key: Math.min(key, keys - 1),
      column: Math.min(column, width - 1),
    };
    this.#previewed = null;
  }
}

export const [getExample, setExample] = createContext<WorkedExample>();

function articleTexts(): Texts {
  const texts = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map(String));
  return { q: texts(ARTICLE.q), k: texts(ARTICLE.k), v: texts(ARTICLE.v) };
}

function resized(cells: readonly (readonly string[])[], rows: number, columns: number): string[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => cells[row]?.[column] ?? NEW_CELL),
  );
}

function problemsOf(readings: Record<InputName, Reading[][]>): Problem[] {
  return (['q', 'k', 'v'] as const).flatMap((matrix) =>
    readings[matrix].flatMap((cells, row) =>
      cells.flatMap((reading, column) =>
        reading.ok ? [] : [{ matrix, row, column, text: reading.problem }],
      ),
    ),
  );
}

/** The numbers, or null if one of the cells holds none. */
function inputsOf(readings: Record<InputName, Reading[][]>): Inputs | null {
  if (problemsOf(readings).length > 0) return null;
  const numbers = (rows: Reading[][]) =>
    rows.map((row) => row.map((reading) => (reading.ok ? reading.value : Number.NaN)));
  return { q: numbers(readings.q), k: numbers(readings.k), v: numbers(readings.v) };
}

/** The cells that the selected result is made of, one step back. */
function operandsOf(step: number, { query, key, column }: Selection, shown: Computation) {
  const along = (count: number, name: (index: number) => CellKey) =>
    Array.from({ length: count }, (_, index) => name(index));
  const keys = shown.k.rows;
  switch (step) {
    case 0:
      return new Set([
        ...along(shown.q.columns, (d) => cellKey('q', query, d)),
        ...along(shown.q.columns, (d) => cellKey('k', key, d)),
      ]);
    case 1:
      return new Set([cellKey('products', query, key)]);
    case 2:
      return new Set(along(keys, (j) => cellKey('scaled', query, j)));
    default:
      return new Set([
        ...along(keys, (j) => cellKey('weights', query, j)),
        ...along(keys, (j) => cellKey('v', j, column)),
        ...along(keys, (j) => cellKey('contributions', query, j, column)),
      ]);
  }
}
