// The advice in the sources of the package: each text that is marked with advice`…`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const SOURCES = fileURLToPath(new URL('../../../bindings/src/', import.meta.url));

/**
 * [{ place, text, pattern }]: `place` is `file:line`, `text` has … for what is filled in, and `pattern`
 * matches the finished sentence.
 */
export function adviceInSources() {
  return readdirSync(SOURCES, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .flatMap((name) => adviceIn(name, readFileSync(join(SOURCES, name), 'utf8')));
}

export function adviceIn(name, source) {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (ts.isTaggedTemplateExpression(node) && node.tag.getText(file) === 'advice') {
      const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
      const parts = textsOf(node.template);
      const pattern = new RegExp(`^${parts.map(escaped).join('([\\s\\S]+)')}$`);
      found.push({ place: `${name}:${line}`, text: parts.join('…'), pattern });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function textsOf(template) {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text];
  return [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];
}

/** Places where something else is made into advice, past the tag. */
export function castsInSources() {
  return readdirSync(SOURCES, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) =>
      readFileSync(join(SOURCES, name), 'utf8')
        .split('\n')
        .flatMap((line) => (/\bas (unknown as )?Advice\b|<Advice>/.test(line) ? [name] : [])),
    );
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
