import { readFile } from 'node:fs/promises';
import { marked } from 'marked';
import type { Plugin } from 'vite';

const README = new URL('../../README.md', import.meta.url);

/** Makes readme.html from README.md, for readers who have no copy of the project. */
export function readmePage(): Plugin {
  return {
    name: 'qkv:readme-page',
    async transformIndexHtml(html) {
      if (!html.includes('<!--readme-->')) return html;
      const text = await marked.parse(await readFile(README, 'utf8'));
      return html.replace('<!--readme-->', () => onItsOwn(text));
    },
  };
}

/**
 * Removes pictures and links to files of the project, which are not here. Headings get ids. Boxes that may
 * scroll become stops for Tab.
 */
function onItsOwn(html: string): string {
  let tables = 0;
  return html
    .replace(/<img[^>]*>/g, '')
    .replace(/<a href="(?!https?:|#)[^"]*"[^>]*>([\s\S]*?)<\/a>/g, '$1')
    .replace(/<p>\s*<\/p>/g, '')
    .replace(/<h2>(.*?)<\/h2>/g, (_, title) => `<h2 id="${idOf(title)}">${title}</h2>`)
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', () => {
      tables++;
      return `<section class="scroll" tabindex="0" aria-label="Table ${tables}"><table>`;
    })
    .replaceAll('</table>', '</table></section>');
}

/** The id that GitHub gives a heading of plain words. */
function idOf(title: string): string {
  return title.toLowerCase().replaceAll(' ', '-');
}
