import { beforeEach, describe, expect, test } from 'vitest';
import { backwardByFormula } from '../../web/src/scaling/gradient.ts';
import LanesExperiment from '../../web/src/scaling/LanesExperiment.svelte';
import { arrivalOf, lanesOf, RATE, run } from '../../web/src/scaling/lanes.ts';
import { LANES, MOST_STEPS, TARGETS } from '../../web/src/scaling/state.ts';
import { mountInPage, oneLine, press } from './mounted.ts';
import { engine } from './open.ts';
import { random } from './random.ts';
import { ARTICLE, attention, type Problem } from './reference.ts';

const backward = backwardByFormula(engine);

describe('the gradient by the formula', () => {
  const close = (found: ArrayLike<number>, wanted: number[], name: string) => {
    expect(found.length, name).toBe(wanted.length);
    for (const [i, number] of wanted.entries())
      expect(Math.abs(found[i] - number), `${name} ${i}: ${found[i]}`).toBeLessThan(
        2e-6 * Math.max(1, Math.abs(number)),
      );
  };

  test('of the worked example, computed in double precision elsewhere', () => {
    const { q, k, v } = ARTICLE;
    const { query, key, value } = backward(q, k, v, [[1, 1]], { scale: Math.SQRT1_2 });
    close(query.data, [0.0197589815461, 0.0197589815461], 'dQ');
    close(key.data, [-0.0592769446382, -0.0790359261843, 0.0592769446382, 0.0790359261843], 'dK');
    close(value.data, [0.00703535108517, 0.00703535108517, 0.992964648915, 0.992964648915], 'dV');
    expect(query.shape).toEqual([1, 2]);
    expect(key.shape).toEqual([2, 2]);
  });

  test.each([1, 2, 3])('is that of central differences, problem %i', (seed) => {
    const problem = random(seed, 2, 3, 3, 2);
    const given = random(seed + 10, 2, 2, 2, 2).q;
    const divisor = 1.7;
    const loss = (at: Problem) =>
      attention(at, { divisor })
        .output.flat()
        .reduce((sum, value, i) => sum + value * given.flat()[i], 0);
    const found = backward(problem.q, problem.k, problem.v, given, { scale: 1 / divisor });
    for (const [name, gradient] of [
      ['q', found.query],
      ['k', found.key],
      ['v', found.value],
    ] as const) {
      const wanted = problem[name].flatMap((row, i) =>
        row.map((_, j) => {
          const moved = (by: number) => {
            const copy = structuredClone(problem);
            copy[name][i][j] += by;
            return loss(copy);
          };
          return (moved(1e-4) - moved(-1e-4)) / 2e-4;
        }),
      );
      close(gradient.data, wanted, `d${name}`);
    }
  });
});

describe('the lanes', () => {
  const lanes = lanesOf(engine);

  test('differ in the divisor', () => {
    expect(lanes.map(({ id }) => id)).toEqual(['assumed', 'root', 'off']);
    expect(lanes[0].divisor).toBeCloseTo(7 / Math.log(4), 6);
    expect(lanes.slice(1).map(({ divisor }) => divisor)).toEqual([Math.SQRT2, 1]);
  });

  test('start with pulls of 0.16, 0.00699 and 0.00091', () => {
    const pulls = lanes.map((lane) => run(engine, backward, lane, TARGETS.article, 0)[0].pull);
    expect(pulls[0]).toBeCloseTo(0.16, 6);
    expect(pulls[1]).toBeCloseTo(0.00698585, 7);
    expect(pulls[2]).toBeCloseTo(0.00091022, 7);
  });

  /** The same walk in plain loops and double precision, with the derivative of one logistic function. */
  function walk(divisor: number, target: readonly number[], steps: number) {
    const { k, v } = ARTICLE;
    let q = [...ARTICLE.q[0]];
    const outputs: number[][] = [];
    for (let step = 0; step <= steps; step++) {
      const [first, second] = k.map((row) => (row[0] * q[0] + row[1] * q[1]) / divisor);
      const p = 1 / (1 + Math.exp(first - second));
      const output = [0, 1].map((c) => v[0][c] + p * (v[1][c] - v[0][c]));
      outputs.push(output);
      const slope = [0, 1].reduce(
        (sum, c) => sum + (output[c] - target[c]) * (v[1][c] - v[0][c]),
        0,
      );
      q = q.map((x, d) => x - (RATE * slope * p * (1 - p) * (k[1][d] - k[0][d])) / divisor);
    }
    return outputs;
  }

  test.each(Object.entries(TARGETS))('walk down the gradient: target %s', (_, target) => {
    for (const lane of lanes) {
      const wanted = walk(lane.divisor, target, 100);
      const found = run(engine, backward, lane, target, 100);
      for (const [step, { output, distance }] of found.entries()) {
        for (const c of [0, 1]) expect(output[c]).toBeCloseTo(wanted[step][c], 3);
        const away = Math.hypot(...wanted[step].map((value, c) => value - target[c]));
        expect(distance).toBeCloseTo(away, 3);
      }
    }
  });

  test('every lane arrives, and the sharper the softmax the later', () => {
    const arrivals = (target: readonly number[]) =>
      lanes.map((lane) => arrivalOf(run(engine, backward, lane, target, MOST_STEPS)));
    const [soft, root, off] = arrivals(TARGETS.article);
    expect(soft, 'its weights are those of the target').toBe(0);
    expect(root).toBeGreaterThan(50);
    expect(off).toBeGreaterThan(2 * (root ?? 0));
    for (const arrival of arrivals(TARGETS.middle)) expect(arrival).toBeGreaterThan(0);
  });
});

describe('on the page', () => {
  let figure: HTMLElement;
  beforeEach(() => {
    document.body.replaceChildren();
    figure = document.createElement('div');
    document.body.append(figure);
  });
  const lane = (at: number) => {
    const section = figure.querySelectorAll('.lanes section')[at];
    const facts = [...section.querySelectorAll('dt')].map((term) => [
      oneLine(term).split(' ')[0],
      oneLine(term.nextElementSibling as Element),
    ]);
    return { says: oneLine(section), ...Object.fromEntries(facts) } as Record<string, string>;
  };

  test('why 0.2 and 0.8 are not the softmax', () => {
    mountInPage(LanesExperiment, figure, { engine });
    expect(lane(0)).toMatchObject({ weights: '0.200000, 0.800000', output: '8.6000, 9.6000' });
    expect(lane(0).says).toMatch(
      /divided by 5\.0494.*only with this divisor are 0\.2 and 0\.8 the softmax/,
    );
    expect(lane(0).pull).toContain('0.16');
    expect(lane(1)).toMatchObject({
      weights: '0.007035, 0.992965',
      pull: '0.00699, 23 times weaker',
    });
    expect(lane(2)).toMatchObject({
      weights: '0.000911, 0.999089',
      pull: '0.00091, 176 times weaker',
    });
  });

  test('steps move the outputs, and are kept in the page', () => {
    const page = mountInPage(LanesExperiment, figure, { engine });
    press(figure, 'One step');
    press(figure, 'Ten steps');
    expect(page.of(LANES).steps).toBe(11);
    expect(oneLine(figure)).toContain('After 11 steps.');
    const backwardWalk = run(engine, backward, lanesOf(engine)[1], TARGETS.article, 11);
    expect(lane(1).output).toBe(backwardWalk[11].output.map((x) => x.toFixed(4)).join(', '));
    press(figure, 'All the way');
    for (const at of [1, 2]) expect(lane(at).says).toMatch(/At the target since step \d+\./);
    press(figure, '(8, 9)');
    expect(page.of(LANES)).toEqual({ target: 'middle', steps: 0 });
    press(figure, 'One step');
    expect(lane(0).output, 'now the first lane learns as well').not.toBe('8.6000, 9.6000');
    press(figure, 'Start again');
    expect(oneLine(figure)).toContain('No step yet.');
  });

  test('a link brings the steps back', () => {
    const page = mountInPage(LanesExperiment, figure, { engine }, '#qkv=1&lanes.steps=7');
    expect(oneLine(figure)).toContain('After 7 steps.');
    expect(page.addressOf(null)).toContain('lanes.steps=7');
  });
});
