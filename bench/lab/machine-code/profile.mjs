// Reads a CPU profile of V8 (--cpu-prof): each function's share of the time of a call.

import { rollup, sum } from 'd3-array';

/** A map from function to share, over all that contenders/qkv.mjs called. All JavaScript is one entry. */
export function sharesOf({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nameOf = new Map();
  const visit = (id, isInside) => {
    const { callFrame, children = [] } = byId.get(id);
    const { functionName, url } = callFrame;
    const inside = isInside || url.endsWith('contenders/qkv.mjs');
    if (inside) nameOf.set(id, url.startsWith('wasm:') ? functionName : 'JavaScript, copies');
    for (const child of children) visit(child, inside);
  };
  visit(nodes[0].id, false);
  const times = rollup(
    samples.map((id, i) => [nameOf.get(id), timeDeltas[i]]).filter(([name]) => name),
    (pairs) => sum(pairs, ([, microseconds]) => microseconds),
    ([name]) => name,
  );
  const whole = sum(times.values());
  return new Map([...times].map(([name, time]) => [name, time / whole]));
}
