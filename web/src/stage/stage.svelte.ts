import { createContext } from 'svelte';
import { linear } from 'svelte/easing';
import { prefersReducedMotion, Tween } from 'svelte/motion';
import { ASSUMED_WEIGHTS } from '../state/article.ts';
import type { CellKey } from '../state/cells.ts';
import { mixAsAssumed } from '../state/comparison.ts';
import type { Computation } from '../state/computation.ts';
import type { PageState, Selection } from '../state/page.svelte.ts';
import { STEP_COUNT } from '../state/steps.ts';
import {
  beatAt,
  beatsAfter,
  growthOf,
  isKnown,
  knowledgeOf,
  type Moment,
  msUntil,
  nextStop,
} from './moment.ts';
import { type Projection, projectionOf } from './projection.ts';
import { AT_REST, STAGE } from './state.ts';
import { type Beat, lengthOf, type Move, type Spot, type Story, storyOf } from './story.ts';
import { lookUp } from './values.ts';

/** How far playing goes: to the end of the move, or of all four. */
type Reach = 'move' | 'story';

/**
 * The stage of the worked example. At rest it shows every number. While a move is played or paused, it shows
 * the numbers that are known by then.
 */
export class Stage {
  readonly #page: PageState;
  /** The milliseconds of the present move that have passed, while it is played. */
  readonly #clock = new Tween(0);
  #playing: Reach | null = $state(null);
  /** What the clock does now; null when it was stopped. */
  #run: object | null = null;

  // Each on its own, so that a hover or a new number makes no new story.
  readonly #query = $derived.by(() => this.#page.selection.query);
  readonly #keys = $derived.by(() => this.#page.shape.keys);
  readonly #depth = $derived.by(() => this.#page.shape.depth);
  readonly #width = $derived.by(() => this.#page.shape.width);
  readonly story: Story = $derived.by(() =>
    storyOf({
      query: this.#query,
      keys: this.#keys,
      depth: this.#depth,
      width: this.#width,
      logits: this.#page.logits,
    }),
  );
  readonly #knowledge = $derived(knowledgeOf(this.story));
  readonly move: Move = $derived.by(() => this.story[this.#page.step] ?? []);
  readonly isPlaying: boolean = $derived(this.#playing !== null);
  readonly isPlayingAll: boolean = $derived(this.#playing === 'story');

  /** Beats of the present move that have passed; null at rest. */
  readonly at: number | null = $derived.by(() => {
    if (this.#playing !== null) return beatsAfter(this.move, this.#clock.current);
    const { at } = this.#page.of(STAGE);
    return at === AT_REST ? null : Math.min(at, this.move.length);
  });
  readonly isAtRest: boolean = $derived(this.at === null);
  readonly moment: Moment = $derived.by(() => ({
    step: this.#page.step,
    at: this.at ?? this.move.length,
  }));
  /** Numbers become known at the ends of beats, so between them nothing is asked again. */
  readonly #wholeBeats: number = $derived(Math.floor(this.moment.at));
  readonly present: { beat: Beat | undefined; passed: number } = $derived(
    beatAt(this.move, this.moment.at),
  );
  /** The beat that is under way or has just ended; null at rest. */
  readonly beat: Beat | null = $derived(this.isAtRest ? null : (this.present.beat ?? null));
  readonly isOver: boolean = $derived.by(
    () => this.#page.step === STEP_COUNT - 1 && this.moment.at >= this.move.length,
  );
  readonly isMoveOver: boolean = $derived(this.moment.at >= this.move.length);

  /** What the worked line is about: the reader's selection, or what the beat is about. */
  readonly selection: Selection = $derived.by(() => {
    const { beat } = this;
    const { selection } = this.#page;
    return beat ? { ...selection, key: beat.key, column: beat.column } : selection;
  });
  /** How many rows of the worked line have begun. */
  readonly rows: number = $derived(this.beat ? this.beat.row + 1 : Number.POSITIVE_INFINITY);

  readonly projection: Projection | null = $derived.by(() => {
    const { engine, shown } = this.#page;
    return engine.status === 'ready' && shown ? projectionOf(engine.engine, shown.inputs) : null;
  });

  /** Two values mixed as the article assumes. */
  readonly assumed: Computation | null = $derived.by(() => {
    const { engine, shown } = this.#page;
    const canAssume =
      engine.status === 'ready' && shown?.inputs.v.length === ASSUMED_WEIGHTS.length;
    return canAssume ? mixAsAssumed(engine.engine, shown.inputs.v) : null;
  });

  constructor(page: PageState) {
    this.#page = page;
  }

  isKnown(spot: Spot): boolean {
    const now = { step: this.#page.step, at: this.#wholeBeats };
    return this.isAtRest || isKnown(this.#knowledge, spot, now);
  }

  growthOf(key: CellKey): number {
    return this.isAtRest ? 1 : growthOf(this.#knowledge, key, this.moment);
  }

  /** How far the shadow of a key has fallen, from 0 to 1, in the beat in which its numbers meet those of the query. */
  reachOf(key: number): number {
    const { beat } = this;
    if (this.#page.step !== 0 || !beat || beat.key !== key) return 0;
    return beat.row === 0 ? this.present.passed : 1;
  }

  value(key: CellKey): number | undefined {
    const { shown } = this.#page;
    return shown ? lookUp(shown, this.projection, key) : undefined;
  }

  /** Plays the next move: the first one at the beginning, else the one after the present step. */
  next(): void {
    const isStart = this.isAtRest && this.#page.step === 0;
    const isUnfinished = !this.isAtRest && !this.isMoveOver && !this.isPlaying;
    const step = isStart || isUnfinished ? this.#page.step : this.#page.step + 1;
    const from = isUnfinished ? (this.at ?? 0) : 0;
    if (step < STEP_COUNT) this.#play({ step, at: from }, 'move');
  }

  /** To the step before, with its results. */
  back(): void {
    this.show(this.#page.step - 1);
  }

  /** A step with its results, at once. */
  show(step: number): void {
    this.stopAt({ step, at: this.story[step]?.length ?? 0 });
  }

  /** Plays from here to the end, or from the beginning where the end is reached. */
  playAll(): void {
    const isOver = this.isAtRest || this.isOver;
    this.#play(isOver ? { step: 0, at: 0 } : this.moment, 'story');
  }

  pause(): void {
    if (this.isPlaying) this.stopAt(this.moment);
  }

  turn(by: 1 | -1): void {
    const from = this.isAtRest && by > 0 ? { step: 0, at: 0 } : this.moment;
    const stop = nextStop(this.story, from, by);
    if (stop) this.stopAt(stop);
  }

  stopAt({ step, at }: Moment): void {
    this.#stop();
    if (step !== this.#page.step) this.#page.goTo(step);
    this.#page.set(STAGE, { at: Math.round(at * 1000) / 1000 });
  }

  /** Shows every number. */
  rest(): void {
    this.#stop();
    this.#page.set(STAGE, { at: AT_REST });
  }

  #stop(): void {
    this.#playing = null;
    this.#run = null;
    void this.#clock.set(this.#clock.current, { duration: 0 });
  }

  #play(from: Moment, reach: Reach): void {
    const last = STEP_COUNT - 1;
    const lengthAt = (step: number) => this.story[step]?.length ?? 0;
    if (prefersReducedMotion.current) {
      const step = reach === 'story' ? last : from.step;
      this.stopAt({ step, at: lengthAt(step) });
      return;
    }
    this.stopAt(from);
    const move = this.story[from.step] ?? [];
    const start = msUntil(move, from.at);
    void this.#clock.set(start, { duration: 0 });
    this.#playing = reach;
    const run = { duration: Math.max(lengthOf(move) - start, 1), easing: linear };
    this.#run = run;
    void this.#clock.set(lengthOf(move), run).then(() => {
      if (run !== this.#run) return;
      if (reach === 'story' && from.step < last) this.#play({ step: from.step + 1, at: 0 }, reach);
      else this.stopAt({ step: from.step, at: lengthAt(from.step) });
    });
  }
}

export const [getStage, setStage] = createContext<Stage>();
