import { goToStep } from './commands.ts';
import { type History, historyOf, record, redo, travelTo, undo } from './history.ts';
import { type Content, isSameContent } from './link.ts';
import { DEFAULT_MODEL, type Model } from './model.ts';
import { type Part, type StateOf, stateOf, withState, withWalksOf } from './part.ts';
import { PARTS } from './parts.ts';

/**
 * What the reader can change, now and before. A walk, such as to another step, changes only where the
 * reader is: undo and redo leave it. Each method says whether anything is different now.
 */
export class ContentHistory {
  #history: History<Content> = $state.raw(historyOf({ model: DEFAULT_MODEL, parts: {} }));

  readonly present: Content = $derived(this.#history.present);
  readonly merge: string | null = $derived(this.#history.merge);
  readonly canUndo: boolean = $derived(this.#history.past.length > 0);
  readonly canRedo: boolean = $derived(this.#history.future.length > 0);

  of<P extends Part>(part: P): StateOf<P> {
    return stateOf(this.present.parts, part);
  }

  set<P extends Part>(part: P, change: Partial<StateOf<P>>, merge: string | null): boolean {
    const { model, parts } = this.present;
    const next = { model, parts: withState(parts, part, change) };
    const isWalk = Object.keys(change).every((name) => part.fields[name]?.isWalk);
    return isWalk ? this.#walk(next, merge && `walk ${merge}`) : this.#record(next, merge);
  }

  setModel(model: Model, merge: string | null): boolean {
    return this.#record({ ...this.present, model }, merge);
  }

  goToStep(step: number): boolean {
    return this.#walk({ ...this.present, model: goToStep(this.present.model, step) }, null);
  }

  undo(): boolean {
    return this.#turn(undo(this.#history));
  }

  redo(): boolean {
    return this.#turn(redo(this.#history));
  }

  /**
   * Shows the content of an address. Undo and redo stay in step with Back and Forward of the browser:
   * what was shown before is undone or redone to.
   */
  visit(content: Content): boolean {
    const isWanted = (seen: Content) => isSameContent(at(seen, content), content);
    if (isWanted(this.present)) return this.#walk(content, null);
    const travelled = travelTo(this.#history, isWanted);
    if (!travelled) return this.#record(content, null);
    this.#history = { ...travelled, present: at(travelled.present, content) };
    return true;
  }

  #turn(travelled: History<Content>): boolean {
    if (travelled === this.#history) return false;
    this.#history = { ...travelled, present: at(travelled.present, this.present) };
    return true;
  }

  #walk(present: Content, merge: string | null): boolean {
    if (isSameContent(present, this.present)) return false;
    this.#history = { ...this.#history, present, merge };
    return true;
  }

  #record(next: Content, merge: string | null): boolean {
    if (isSameContent(next, this.present)) return false;
    this.#history = record(this.#history, next, merge);
    return true;
  }
}

/** `content`, seen from where the reader is in another one. */
function at(content: Content, reader: Content): Content {
  return {
    model: { ...content.model, step: reader.model.step },
    parts: withWalksOf(PARTS, content.parts, reader.parts),
  };
}
