// Times functions in turn, round after round.

/**
 * `entries` are { run() }[]. Gives for each { samples } in seconds a call, or { tooSlow } with the seconds
 * of one call. Each round starts with another entry, so that nobody always follows the same one.
 */
export async function timeInTurn(entries, { sampleSeconds, warmSeconds, slowest, ...limits }) {
  const began = performance.now();
  const timed = [];
  const results = [];
  for (const { run } of entries) {
    const seconds = await warm(run, warmSeconds);
    const result = seconds > slowest ? { tooSlow: seconds } : { samples: [] };
    results.push(result);
    const calls = Math.max(1, Math.ceil(sampleSeconds / seconds));
    if (result.samples) timed.push({ run, calls, samples: result.samples });
  }
  for (let round = 0; round < limits.rounds; round++) {
    const spent = (performance.now() - began) / 1000;
    if (spent > limits.groupSeconds && round >= limits.fewestRounds) break;
    for (let i = 0; i < timed.length; i++) {
      const { run, calls, samples } = timed[(i + round) % timed.length];
      samples.push(await secondsACall(run, calls));
    }
  }
  return results;
}

/** Runs until the engine has optimised what runs. Gives the seconds of the last call. */
async function warm(run, seconds) {
  const began = performance.now();
  let last = await secondsACall(run, 1);
  let calls = 1;
  while (performance.now() - began < seconds * 1000) {
    // Many short calls at once: a clock may have steps of 0.1 ms.
    last = await secondsACall(run, calls);
    if (last * calls < seconds / 10) calls *= 2;
  }
  return last;
}

async function secondsACall(run, calls) {
  const began = performance.now();
  for (let i = 0; i < calls; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return Math.max(performance.now() - began, 1e-6) / 1000 / calls;
}
