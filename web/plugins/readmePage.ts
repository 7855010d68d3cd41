import { readFile } from 'node:fs/promises';
import { marked } from 'marked';
import type { Plugin } from 'vite';

const README = new URL('../../README.md', import.meta.url);

/** readme.html is README, for readers of the page who have no copy of the project. */
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

/** Pictures and links to files of the project lead nowhere here; what may scroll is a stop for Tab. */
function onItsOwn(html: string): string {
  let tables = 0;
  return html
    .replace(/<img[^>]*>/g, '')
    .replace(/<a href="(?!https?:|#)[^"]*"[^>]*>([\s\S]*?)<\/a>/g, '$1')
    .replace(/<p>\s*<\/p>/g, '')
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll('<table>', () => {
      tables++;
      return `<section class="scroll" tabindex="0" aria-label="Table ${tables}"><table>`;
    })
    .replaceAll('</table>', '</table></section>');
}
