import type { Computation } from '../state/computation.ts';
import type { Model } from '../state/model.ts';
import { javascript } from './javascript.ts';
import { numpy } from './numpy.ts';
import { pytorch } from './pytorch.ts';

export interface Language {
  readonly value: string;
  readonly label: string;
  readonly install: string;
  readonly note: string;
  readonly write: (model: Model, heads: readonly Computation[]) => string;
}

export const LANGUAGES: readonly Language[] = [
  {
    value: 'javascript',
    label: 'JavaScript, with qkv',
    install: 'npm install qkv',
    note: 'The same engine as on this page. It runs in browsers, bundlers, workers and Node 20 or newer, without changes.',
    write: javascript,
  },
  {
    value: 'numpy',
    label: 'NumPy',
    install: 'pip install numpy',
    note: 'The formula written out, step by step as above.',
    write: numpy,
  },
  {
    value: 'pytorch',
    label: 'PyTorch',
    install: 'pip install torch',
    note: 'PyTorch’s built-in attention where it has the options; otherwise the formula written out.',
    write: pytorch,
  },
];
