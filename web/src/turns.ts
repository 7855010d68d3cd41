// The page is mounted in pieces, each in a separate task. Mounting it at once would block a phone for too
// long.

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

let last: Promise<void> = Promise.resolve();

/** Runs work in a later task, in the order of the calls. */
export function takeTurn(run: () => void | Promise<void>): void {
  last = last.then(nextTask).then(run);
}

/** Resolves when all work is done. */
export async function turnsTaken(): Promise<void> {
  for (let seen: typeof last | undefined; seen !== last; ) {
    seen = last;
    await seen;
  }
}
