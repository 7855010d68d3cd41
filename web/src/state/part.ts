import { Damage, type Field } from './fields.ts';

// biome-ignore lint/suspicious/noExplicitAny: a field of any value
type Fields = Readonly<Record<string, Field<any>>>;

/**
 * The state of one section, as far as the reader changes it: a few named fields. A link writes them as
 * `words.x=1,1,0,1&words.q=…`. State that is made from other state is no field.
 */
export interface Part<Of extends Fields = Fields> {
  /** Lower-case letters; the same for no two parts. */
  readonly name: string;
  readonly fields: Of;
}

export type StateOf<P extends Part> = {
  readonly [Name in keyof P['fields']]: P['fields'][Name]['initial'];
};

/** The states of all parts, by their names. A part that is absent is as it opens. */
export type Parts = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export function part<const Of extends Fields>(name: string, fields: Of): Part<Of> {
  return { name, fields };
}

export function stateOf<P extends Part>(parts: Parts, { name, fields }: P): StateOf<P> {
  const initial = Object.entries(fields).map(([field, { initial }]) => [field, initial]);
  return { ...Object.fromEntries(initial), ...parts[name] };
}

export function withState<P extends Part>(
  parts: Parts,
  part: P,
  change: Partial<StateOf<P>>,
): Parts {
  return { ...parts, [part.name]: { ...stateOf(parts, part), ...change } };
}

/** The fields that differ from those of the page as it opens: `['words.x', '1,1,0,1']`. */
export function writeParts(all: readonly Part[], parts: Parts): [name: string, text: string][] {
  return all.flatMap((part) =>
    Object.entries(part.fields).flatMap(([name, field]) => {
      const text = field.write(stateOf(parts, part)[name]);
      const isInitial = text === field.write(field.initial);
      return isInitial ? [] : [[`${part.name}.${name}`, text] as [string, string]];
    }),
  );
}

/** Throws Damage for what no part wrote. */
export function readParts(all: readonly Part[], fields: Iterable<[string, string]>): Parts {
  let parts: Parts = {};
  for (const [name, text] of fields) {
    const [of, member = ''] = name.split('.');
    const part = all.find((part) => part.name === of);
    const field = part && Object.hasOwn(part.fields, member) ? part.fields[member] : undefined;
    if (!part || !field) throw new Damage('it has a part that this page does not know');
    parts = withState(parts, part, { [member]: field.read(text, name) });
  }
  return parts;
}

/** `parts` as they are apart from moments. */
export function withoutMoments(all: readonly Part[], parts: Parts): Parts {
  return all.reduce((next, part) => {
    const moments = Object.entries(part.fields).filter(([, { isMoment }]) => isMoment);
    if (moments.length === 0) return next;
    const initial = moments.map(([name, { initial }]) => [name, initial]);
    return withState(next, part, Object.fromEntries(initial));
  }, parts);
}

/** `parts` with the fields of `from` that say where the reader is. */
export function withWalksOf(all: readonly Part[], parts: Parts, from: Parts): Parts {
  return all.reduce((next, part) => {
    const walks = Object.entries(part.fields).filter(([, { isWalk }]) => isWalk);
    if (walks.length === 0) return next;
    const state = stateOf(from, part);
    return withState(next, part, Object.fromEntries(walks.map(([name]) => [name, state[name]])));
  }, parts);
}
