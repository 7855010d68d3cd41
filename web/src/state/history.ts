/** Undo and redo over values that never change in place. */
export interface History<Value> {
  readonly past: readonly Value[];
  readonly present: Value;
  readonly future: readonly Value[];
  /** The subject of the last change. A next change with the same subject replaces it. */
  readonly merge: string | null;
}

const LONGEST_PAST = 200;

export function historyOf<Value>(present: Value): History<Value> {
  return { past: [], present, future: [], merge: null };
}

/** Consecutive changes with the same `merge` are one step back, such as the digits of one number. */
export function record<Value>(
  history: History<Value>,
  next: Value,
  merge: string | null = null,
): History<Value> {
  const { past, present } = history;
  const continues = merge !== null && merge === history.merge;
  return {
    past: continues ? past : [...past, present].slice(-LONGEST_PAST),
    present: next,
    future: [],
    merge,
  };
}

export function undo<Value>(history: History<Value>): History<Value> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
    merge: null,
  };
}

export function redo<Value>(history: History<Value>): History<Value> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, merge: null };
}
