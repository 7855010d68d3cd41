// The page is mounted in pieces, each in a task of its own: mounted all at once, it keeps a phone from
// answering its reader for too long.

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

let last: Promise<void> = Promise.resolve();

/** Runs a piece of work in a later task, after those that asked before it. */
export function takeTurn(run: () => void | Promise<void>): void {
  last = last.then(nextTask).then(run);
}

/** Resolves when nobody waits for a turn any more. */
export async function turnsTaken(): Promise<void> {
  for (let seen: typeof last | undefined; seen !== last; ) {
    seen = last;
    await seen;
  }
}
