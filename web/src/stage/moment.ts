import type { CellKey } from '../state/cells.ts';
import { type Beat, lengthOf, type Move, type Spot, type Story } from './story.ts';

/** A moment of a move, counted in beats: 2.5 is the middle of the third one. */
export interface Moment {
  readonly step: number;
  readonly at: number;
}

/** The beat that is under way, or the one that ends just now, and how much of it has passed, from 0 to 1. */
export function beatAt(move: Move, at: number): { beat: Beat | undefined; passed: number } {
  const index = indexAt(move, at);
  return { beat: move[index], passed: Math.min(at - index, 1) };
}

function indexAt(move: Move, at: number): number {
  return Math.max(Math.min(Math.ceil(at), move.length) - 1, 0);
}

/** A beat has its own pace, so half of the beats is not half of the time. */
export function beatsAfter(move: Move, ms: number): number {
  let left = ms;
  for (const [index, beat] of move.entries()) {
    if (left < beat.ms) return index + left / beat.ms;
    left -= beat.ms;
  }
  return move.length;
}

export function msUntil(move: Move, at: number): number {
  const { beat, passed } = beatAt(move, at);
  return lengthOf(move.slice(0, indexAt(move, at))) + passed * (beat?.ms ?? 0);
}

/** The whole beat before or after a moment, in its move or the one beside it; null at the ends of the story. */
export function nextStop(story: Story, { step, at }: Moment, by: 1 | -1): Moment | null {
  const length = story[step]?.length ?? 0;
  const wanted = by > 0 ? Math.floor(at + 1e-6) + 1 : Math.ceil(at - 1e-6) - 1;
  // The start of a move looks like the end of the one before.
  const least = step === 0 ? 0 : 1;
  if (wanted >= least && wanted <= length) return { step, at: wanted };
  const beside = story[step + by];
  if (!beside) return null;
  return { step: step + by, at: by > 0 ? 1 : beside.length + wanted };
}

/** For each spot the moment when its number is known. Rows of worked lines belong to one step. */
export function knowledgeOf(story: Story): ReadonlyMap<string, Moment> {
  const known = new Map<string, Moment>();
  for (const [step, move] of story.entries()) {
    for (const [index, { shows }] of move.entries()) {
      for (const spot of shows) {
        const name = nameOf(spot, step);
        if (!known.has(name)) known.set(name, { step, at: index + 1 });
      }
    }
  }
  return known;
}

/** A number that no beat makes, such as an input, is always known. */
export function isKnown(knowledge: ReadonlyMap<string, Moment>, spot: Spot, now: Moment): boolean {
  const since = knowledge.get(nameOf(spot, now.step));
  return (
    since === undefined || now.step > since.step || (now.step === since.step && now.at >= since.at)
  );
}

/** How much of the way to its cell a number has gone, from 0 to 1: as far as its bar has grown. */
export function growthOf(
  knowledge: ReadonlyMap<string, Moment>,
  key: CellKey,
  now: Moment,
): number {
  const since = knowledge.get(`cell ${key}`);
  if (!since || now.step > since.step) return 1;
  if (now.step < since.step) return 0;
  return Math.min(Math.max(now.at - (since.at - 1), 0), 1);
}

function nameOf(spot: Spot, step: number): string {
  return spot.startsWith('cell') ? spot : `${step} ${spot}`;
}
