import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../web/src/code/languages.ts';
import { computeModel } from '../../web/src/state/computation.ts';
import { printed } from '../../web/src/state/printed.ts';
import { expectPrinted } from './expectPrinted.ts';
import { hashOf, MODELS } from './models.ts';
import { engine, modelOf } from './open.ts';

const run = promisify(execFile);
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
/** Where a module finds `qkv`. */
const cwd = join(import.meta.dirname, '../..');

function codeFor(model: string, language: string): string {
  const state = modelOf(hashOf(model));
  const writer = LANGUAGES.find(({ value }) => value === language);
  if (!writer) throw new Error(`no ${language}`);
  return writer.write(state, computeModel(engine, state));
}

/** Runs the code as it stands, except that each result is printed as a line of JSON. */
async function numbersPrinted(code: string, language: string): Promise<number[][]> {
  const asJson =
    language === 'javascript'
      ? 'const { log } = console; console.log = (x) => log(JSON.stringify([...x]));'
      : 'import json; print_ = print; print = lambda x: print_(json.dumps(x.ravel().tolist()))';
  const [program, options] =
    language === 'javascript'
      ? [process.execPath, ['--input-type=module', '-e']]
      : [PYTHON, ['-W', 'error', '-c']];
  const { stdout } = await run(program, [...options, `${asJson}\n${code}`], { cwd });
  const lines = stdout.trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/** The numbers of the comments beside the results. */
function inComments(code: string): string[][] {
  return [...code.matchAll(/(?:\/\/|#) (-?\d.*)$/gm)].map(([, numbers]) =>
    numbers.split(', ').filter((text) => text !== '…'),
  );
}

function agree(computed: number[], texts: string[]): void {
  expect(texts.length).toBeGreaterThan(0);
  for (const [i, text] of texts.entries()) expectPrinted(text, computed[i], `number ${i}`, 1e-6);
}

describe.each(Object.entries(MODELS))('the code computes what the page shows: %s', (_, model) => {
  const heads = computeModel(engine, modelOf(hashOf(model)));
  const shown = (name: 'weights' | 'output') =>
    heads.flatMap((head) =>
      Array.from({ length: head[name].rows * head[name].columns }, (_, i) => {
        const { columns } = head[name];
        return printed(name, head[name].at(Math.floor(i / columns), i % columns));
      }),
    );

  test.each(['javascript', 'numpy'])('%s', { timeout: 60_000 }, async (language) => {
    const code = codeFor(model, language);
    const results = await numbersPrinted(code, language);
    expect(results).toHaveLength(2);
    const comments = inComments(code);
    for (const [index, name] of (['weights', 'output'] as const).entries()) {
      expect(results[index]).toHaveLength(shown(name).length);
      agree(results[index], shown(name));
      agree(results[index], comments[index]);
    }
  });

  test('pytorch is Python, with the same numbers beside it', { timeout: 60_000 }, async () => {
    const code = codeFor(model, 'pytorch');
    await run(PYTHON, ['-c', `compile(${JSON.stringify(code)}, 'torch', 'exec')`]);
    expect(inComments(code).at(-1)).toEqual(inComments(codeFor(model, 'numpy')).at(-1));
  });
});

test('PyTorch’s own attention is used where it has the options', () => {
  const torch = (name: string) => codeFor(MODELS[name], 'pytorch');
  expect(torch('the article')).toContain('scaled_dot_product_attention(q, k, v)');
  expect(torch('plainly causal')).toContain('attention(q, k, v, is_causal=True)');
  expect(torch('a window on both sides')).toContain('attention(q, k, v, attn_mask=mask)');
  expect(torch('scale off')).toContain('attention(q, k, v, scale=1.0)');
  for (const name of [
    'a drawn mask that leaves a row empty',
    'everything at once, grouped heads',
  ]) {
    expect(torch(name)).not.toContain('scaled_dot_product');
    expect(torch(name)).toContain('.masked_fill(~mask, -torch.inf)');
  }
});
