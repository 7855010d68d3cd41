import { normalFrom, randomTensor, seededUniform } from '../numbers/seeded.ts';
import { prepare } from './contenders.ts';
import { DEPTH, HEADS, ON_ONE_THREAD, type Problem, type Report, SEED } from './measurement.ts';
import { plainAttention } from './plainAttention.ts';
import { measure, reasonOf } from './timing.ts';

addEventListener('message', async ({ data: length }: MessageEvent<number>) => {
  try {
    report({ kind: 'progress', done: 0, doing: 'reference' });
    const problem = draw(length);
    for (const contender of ON_ONE_THREAD)
      await measure(contender, () => prepare(contender, problem), problem, report);
    report({ kind: 'left', problem });
  } catch (error) {
    report({ kind: 'failed', reason: reasonOf(error) });
  }
});

function draw(length: number): Problem {
  const normal = normalFrom(seededUniform(SEED));
  const shape = [HEADS, length, DEPTH];
  const size = { heads: HEADS, length, depth: DEPTH };
  const [q, k, v] = [
    randomTensor(normal, shape),
    randomTensor(normal, shape),
    randomTensor(normal, shape),
  ];
  const exact = new Float64Array(q.data.length);
  plainAttention(q.data, k.data, v.data, size, exact);
  return { size, q, k, v, exact };
}

function report(message: Report): void {
  postMessage(message);
}
