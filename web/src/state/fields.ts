import { readNumber } from '../numbers/numberGrammar.ts';

/** Why a link cannot be read, as the second half of "This link is damaged: …". */
export class Damage extends Error {}

/** A value that a link holds as text of letters, digits and `. , : + -`. */
export interface Field<Value> {
  /** A link leaves it out while it has this value. */
  readonly initial: Value;
  readonly write: (value: Value) => string;
  /** Throws Damage. `name` is the field's name in the link. */
  readonly read: (text: string, name: string) => Value;
  /** Undo and redo leave this value as it is: the reader walked there and changed nothing. */
  readonly isWalk?: boolean;
  /** A walk that is no entry of the browser's history either. */
  readonly isMoment?: boolean;
}

/** A field that says where the reader is, such as a step, and not what was changed. */
export function walk<Value>(field: Field<Value>): Field<Value> {
  return { ...field, isWalk: true };
}

/** A walk too short to come back to, such as a pause in a move: Back does not step through them. */
export function moment<Value>(field: Field<Value>): Field<Value> {
  return { ...walk(field), isMoment: true };
}

export function wholeNumber(initial: number, least: number, most: number): Field<number> {
  return {
    initial,
    write: String,
    read: (text, name) => {
      const value = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= least && value <= most) return value;
      throw new Damage(`${name} is not a whole number from ${least} to ${most}`);
    },
  };
}

export function decimal(initial: number, least: number, most: number): Field<number> {
  return {
    initial,
    write: String,
    read: (text, name) => {
      const value = finite(name, text);
      if (value >= least && value <= most) return value;
      throw new Damage(`${name} is not a number from ${least} to ${most}`);
    },
  };
}

export function flag(): Field<boolean> {
  return {
    initial: false,
    write: (value) => (value ? '1' : '0'),
    read: (text, name) => {
      if (text === '1' || text === '0') return text === '1';
      throw new Damage(`${name} is not 0 or 1`);
    },
  };
}

/** One of a few names or numbers; the first is the initial one unless it is named. */
export function oneOf<const Choice extends string | number>(
  choices: readonly Choice[],
  initial = choices[0] as Choice,
): Field<Choice> {
  return {
    initial,
    write: String,
    read: (text, name) => {
      const found = choices.find((choice) => String(choice) === text);
      if (found !== undefined) return found;
      throw new Damage(`${name} is none of ${choices.join(', ')}`);
    },
  };
}

/** Numbers in a row, as many as the initial ones. `most` is the largest magnitude. */
export function numbers(
  initial: readonly number[],
  most = Number.POSITIVE_INFINITY,
): Field<readonly number[]> {
  return {
    initial,
    write: (values) => values.join(','),
    read: (text, name) => {
      const values = text.split(',').map((number) => finite(name, number));
      if (values.length !== initial.length) {
        throw new Damage(`${name} does not have ${initial.length} numbers`);
      }
      if (values.every((value) => Math.abs(value) <= most)) return values;
      throw new Damage(`${name} has a number beyond ${most}`);
    },
  };
}

/** A matrix of the initial one's size, row after row. */
export function matrix(
  initial: readonly (readonly number[])[],
  most?: number,
): Field<readonly (readonly number[])[]> {
  const width = initial[0]?.length ?? 0;
  const flat = numbers(initial.flat(), most);
  return {
    initial,
    write: (rows) => flat.write(rows.flat()),
    read: (text, name) => {
      const values = flat.read(text, name);
      return initial.map((_, row) => values.slice(row * width, (row + 1) * width));
    },
  };
}

export function finite(name: string, text: string): number {
  const reading = readNumber(text);
  if (!reading.ok) throw new Damage(`${name} holds something that is not a number`);
  return reading.value;
}
