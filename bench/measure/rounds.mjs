// Times functions in turn, round after round.

/** A call that takes this many samples: filling the caches is a negligible part of it. */
const LONG = 10;

/**
 * `entries` are { run() }[]. Gives { samples } for each, in seconds a call, or { tooSlow } with the seconds of one
 * call. Each round starts with the next entry, so that no entry always follows the same one. `firstRound` is the
 * number of rounds that earlier processes did.
 */
export async function timeInTurn(entries, settings) {
  const { sampleSeconds, warmSeconds, slowest, firstRound = 0, ...limits } = settings;
  const began = performance.now();
  const timed = [];
  const results = [];
  for (const { run } of entries) {
    const seconds = await warm(run, warmSeconds, sampleSeconds);
    const result = seconds > slowest ? { tooSlow: seconds } : { samples: [] };
    results.push(result);
    const isLong = seconds > LONG * sampleSeconds;
    if (result.samples) timed.push({ run, isLong, samples: result.samples });
  }
  for (let round = 0; round < limits.rounds; round++) {
    const spent = (performance.now() - began) / 1000;
    if (spent > limits.groupSeconds && round >= limits.fewestRounds) break;
    for (let i = 0; i < timed.length; i++) {
      const { run, isLong, samples } = timed[(i + round + firstRound) % timed.length];
      // The entry before has filled the caches with its own numbers.
      if (!isLong) await run();
      samples.push(await secondsACall(run, sampleSeconds));
    }
  }
  return results;
}

/** Runs until the engine has optimised the code. Gives the seconds of the fastest call. */
async function warm(run, seconds, sampleSeconds) {
  const began = performance.now();
  let fastest = Infinity;
  do fastest = Math.min(fastest, await secondsACall(run, sampleSeconds));
  while (performance.now() - began < seconds * 1000);
  return fastest;
}

/** Calls until `atLeast` seconds are over. Reads the clock seldom, since it may have steps of 0.1 ms. */
async function secondsACall(run, atLeast) {
  const began = performance.now();
  let calls = 0;
  let elapsed = 0;
  for (let batch = 1; calls === 0 || elapsed < atLeast; batch *= 2) {
    for (let i = 0; i < batch; i++) {
      const result = run();
      if (result instanceof Promise) await result;
    }
    calls += batch;
    elapsed = Math.max(performance.now() - began, 1e-6) / 1000;
  }
  return elapsed / calls;
}
