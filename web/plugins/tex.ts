import { type AST, type PreprocessorGroup, parse } from 'svelte/compiler';
import temml from 'temml';
import { MATH_CHARACTERS } from './characters.ts';

/**
 * The accents of query, key and value, and the parts of the formula that a step works on, as classes.
 */
const MACROS = {
  '\\query': '\\class{query}{#1}',
  '\\key': '\\class{key}{#1}',
  '\\value': '\\class{value}{#1}',
  '\\step': '\\class{step step-#1}{#2}',
};

/** MathML of a formula in TeX, which browsers draw themselves: no script, no style attribute. */
export function mathML(source: string, { display = false } = {}): string {
  const markup = temml.renderToString(source, {
    throwOnError: true,
    displayMode: display,
    // Only for \class: the sources are the page's own.
    trust: true,
    macros: { ...MACROS },
  });
  // Set large, but inline: the page decides where it stands.
  const drawn = markup.replace(/^<math[^>]*>/, display ? '<math displaystyle="true">' : '<math>');
  if (/\sstyle=/.test(drawn)) {
    throw new Error(`a style attribute, which the page’s policy forbids, comes of: ${source}`);
  }
  for (const character of drawn.replace(/<[^>]*>/g, '')) {
    if (MATH_CHARACTERS.has(character)) continue;
    throw new Error(
      `‘${character}’ is not in the math font: add it in characters.ts for ${source}`,
    );
  }
  return drawn;
}

/**
 * Replaces `<TeX source=… />` by MathML while the page is built. The source is a string or template
 * literal in place; what a template holds in `${…}` is a number that may change, and stays live.
 */
export function texPreprocessor(): PreprocessorGroup {
  return {
    name: 'qkv:tex',
    markup({ content, filename }) {
      if (!content.includes('<TeX')) return;
      const root = parse(content, { modern: true, ...(filename && { filename }) });
      const formulas: AST.Component[] = [];
      collect(root.fragment, formulas);
      const parts: string[] = [];
      let end = 0;
      for (const formula of formulas) {
        parts.push(content.slice(end, formula.start), drawn(formula, content));
        end = formula.end;
      }
      return { code: parts.join('') + content.slice(end) };
    },
  };
}

/** In the order of the text. */
function collect(node: unknown, found: AST.Component[]): void {
  if (Array.isArray(node)) {
    for (const child of node) collect(child, found);
  } else if (node !== null && typeof node === 'object') {
    const { type, name } = node as Partial<AST.Component>;
    if (type === 'Component' && name === 'TeX') found.push(node as AST.Component);
    else for (const child of Object.values(node)) collect(child, found);
  }
}

function drawn(formula: AST.Component, content: string): string {
  const attributes = formula.attributes.filter((each) => each.type === 'Attribute');
  const source = attributes.find(({ name }) => name === 'source');
  const others = attributes.filter((attribute) => attribute !== source);
  if (!source || formula.attributes.length !== attributes.length)
    throw notLiteral(formula, content);
  const slots: string[] = [];
  const tex = texOf(source.value, slots, content) ?? fail(notLiteral(formula, content));
  const display = others.some(({ name }) => name === 'block');
  // Braces would begin an expression of Svelte's.
  const escaped = mathML(tex, { display }).replace(/[{}]/g, (brace) => `&#${brace.charCodeAt(0)};`);
  const live = slots.reduce(
    (markup, slot, index) => markup.replace(`<mn>${placeholder(index)}</mn>`, `<mn>{${slot}}</mn>`),
    escaped,
  );
  if (live.includes(placeholder(0).slice(0, -1))) throw notLiteral(formula, content);
  const rest = others.map(({ start, end }) => content.slice(start, end)).join(' ');
  return `<TeX ${rest}>${live}</TeX>`;
}

/** The TeX of an attribute. Placeholders stand for live expressions, which `slots` collects. */
function texOf(value: AST.Attribute['value'], slots: string[], content: string): string | null {
  if (value === true) return null;
  if (Array.isArray(value)) {
    return value.every((part) => part.type === 'Text')
      ? value.map((part) => part.data).join('')
      : null;
  }
  const { expression } = value;
  if (expression.type === 'Literal' && typeof expression.value === 'string') {
    return expression.value;
  }
  if (expression.type !== 'TemplateLiteral') return null;
  const texts = expression.quasis.map(({ value: text }) => text.cooked ?? '');
  return texts.reduce((tex, text, index) => {
    const { start, end } = expression.expressions[index - 1] as unknown as AST.BaseNode;
    return tex + placeholder(slots.push(content.slice(start, end)) - 1) + text;
  });
}

/** A number that occurs in no formula. */
function placeholder(index: number): string {
  return `31415926${index}`;
}

function notLiteral({ start }: AST.Component, content: string): Error {
  const line = content.slice(0, start).split('\n').length;
  return new Error(`line ${line}: <TeX> takes source as a literal and block, nothing else`);
}

function fail(error: Error): never {
  throw error;
}
