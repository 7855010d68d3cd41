import { readNumber } from '../numbers/numberGrammar.ts';
import { DEFAULT_MODEL, type Heads, LIMITS, type Model, PLAIN, problemOf } from './model.ts';
import { STEP_COUNT } from './steps.ts';

/**
 * Writes the model as the part of an address after #, and reads it. It holds only numbers, which the
 * page's number grammar reads; nothing is evaluated. The first field is the version of the notation:
 *
 *     #qkv=1&q=1x1x2:3,4&k=1x2x2:1,2,2,3&v=1x2x2:7,8,9,10&step=2&causal=1&section=3
 *
 * Defaults are left out, so the page as it opens has nothing after #.
 */
const VERSION = '1';
export const LONGEST_LINK = 8000;

export interface Place {
  readonly model: Model;
  /** The section that the reader went to, from 1; 0 is the top of the page. */
  readonly section: number;
}

export type LinkReading =
  | { readonly ok: true; readonly place: Place }
  | { readonly ok: false; readonly problem: string };

/** '' for the page as it opens; null where the link would be too long. */
export function toHash({ model, section }: Place): string | null {
  const { options, step } = model;
  const fields: string[] = [];
  const add = (name: string, value: string, isDefault: boolean) => {
    if (!isDefault) fields.push(`${name}=${value}`);
  };
  const sameMatrices = (['q', 'k', 'v'] as const).every((name) =>
    isSame(model[name], DEFAULT_MODEL[name]),
  );
  for (const name of ['q', 'k', 'v'] as const) add(name, writeHeads(model[name]), sameMatrices);
  add('scale', options.scale === 'off' ? '1' : String(options.scale), options.scale === 'root');
  add('causal', '1', !options.causal);
  add('end', '1', !options.alignEnd);
  add('left', String(options.left), options.left === null);
  add('right', String(options.right), options.right === null);
  const mask = options.mask?.map((row) => row.map(Number).join('')).join(',');
  add('mask', mask ?? '', mask === undefined);
  add('softcap', String(options.softcap), options.softcap === 0);
  add('step', String(step + 1), step === 0);
  add('section', String(section), section === 0);
  if (fields.length === 0) return '';
  const hash = `#qkv=${VERSION}&${fields.join('&')}`;
  return hash.length <= LONGEST_LINK ? hash : null;
}

export function fromHash(hash: string): LinkReading {
  if (hash === '' || hash === '#') return { ok: true, place: { model: DEFAULT_MODEL, section: 0 } };
  if (hash.length > LONGEST_LINK) return refuse(`it is longer than ${LONGEST_LINK} characters`);
  try {
    return { ok: true, place: readFields(fieldsOf(hash.slice(1))) };
  } catch (error) {
    if (error instanceof Damage) return refuse(error.message);
    throw error;
  }
}

class Damage extends Error {}

const FIELDS = new Set(
  [
    'qkv',
    'q',
    'k',
    'v',
    'scale',
    'causal',
    'end',
    'left',
    'right',
    'mask',
    'softcap',
    'step',
  ].concat('section'),
);

function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of text.split('&')) {
    const [, name = '', value = ''] = /^([a-z]+)=([-+0-9.eEx:,]*)$/.exec(field) ?? [];
    if (!FIELDS.has(name)) throw new Damage('it has a part that this page does not know');
    if (fields.has(name)) throw new Damage(`it has ${name} twice`);
    fields.set(name, value);
  }
  if (fields.get('qkv') !== VERSION) throw new Damage(`it is not version ${VERSION}`);
  return fields;
}

function readFields(fields: Map<string, string>): Place {
  const integer = (name: string, least: number, most: number, absent: number) =>
    fields.has(name) ? readInteger(name, fields.get(name) ?? '', least, most) : absent;
  const optional = (name: string) => (fields.has(name) ? integer(name, 0, LIMITS.side, 0) : null);
  const matrix = (name: 'q' | 'k' | 'v') => {
    const text = fields.get(name);
    return text === undefined ? DEFAULT_MODEL[name] : readHeads(name, text);
  };
  const scale = fields.has('scale') ? positive('scale', fields.get('scale') ?? '') : 0;
  const model: Model = {
    q: matrix('q'),
    k: matrix('k'),
    v: matrix('v'),
    options: {
      ...PLAIN,
      scale: scale === 0 ? 'root' : scale === 1 ? 'off' : scale,
      causal: integer('causal', 1, 1, 0) === 1,
      alignEnd: integer('end', 1, 1, 0) === 1,
      left: optional('left'),
      right: optional('right'),
      mask: readMask(fields.get('mask')),
      softcap: fields.has('softcap') ? positive('softcap', fields.get('softcap') ?? '') : 0,
    },
    step: integer('step', 1, STEP_COUNT, 1) - 1,
  };
  const problem = problemOf(model);
  if (problem) throw new Damage(`its matrices do not fit: ${problem}`);
  return { model, section: integer('section', 0, 9, 0) };
}

function writeHeads(heads: Heads): string {
  const [rows, columns] = [heads[0]?.length ?? 0, heads[0]?.[0]?.length ?? 0];
  return `${heads.length}x${rows}x${columns}:${heads.flat(2).join(',')}`;
}

function readHeads(name: string, text: string): Heads {
  const [, ...sizes] = /^(\d)x(\d{1,2})x(\d{1,2}):/.exec(text) ?? [];
  const [heads = 0, rows = 0, columns = 0] = sizes.map(Number);
  const numbers = text.slice(text.indexOf(':') + 1).split(',');
  if (heads * rows * columns === 0 || numbers.length !== heads * rows * columns) {
    throw new Damage(`the numbers of ${name} do not match its size`);
  }
  const values = numbers.map((number) => finite(name, number));
  return Array.from({ length: heads }, (_, head) =>
    Array.from({ length: rows }, (_, row) => {
      const start = (head * rows + row) * columns;
      return values.slice(start, start + columns);
    }),
  );
}

function readMask(text: string | undefined): Model['options']['mask'] {
  if (text === undefined) return null;
  if (!/^[01]+(,[01]+)*$/.test(text))
    throw new Damage('its mask has other characters than 0 and 1');
  return text.split(',').map((row) => [...row].map((cell) => cell === '1'));
}

function finite(name: string, text: string): number {
  const reading = readNumber(text);
  if (!reading.ok) throw new Damage(`${name} holds something that is not a number`);
  return reading.value;
}

function positive(name: string, text: string): number {
  const value = finite(name, text);
  if (value <= 0) throw new Damage(`${name} is not positive`);
  return value;
}

function readInteger(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) {
    throw new Damage(`${name} is not a whole number from ${least} to ${most}`);
  }
  return value;
}

function refuse(problem: string): LinkReading {
  return { ok: false, problem };
}

export function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
