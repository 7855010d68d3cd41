import { flushSync, mount } from 'svelte';
import App from '../../web/src/App.svelte';
import type { PageState } from '../../web/src/state/page.svelte.ts';
import { turnsTaken } from '../../web/src/turns.ts';
import { modelOf, openPage } from './open.ts';

/** The whole page in a simulated document, without the figures that are fetched when they are near. */
export class MountedPage {
  private constructor(readonly state: PageState) {}

  static async open(hash = ''): Promise<MountedPage> {
    const state = openPage(hash);
    mount(App, { target: document.body, props: { page: state } });
    const page = new MountedPage(state);
    await page.settled();
    return page;
  }

  async settled(): Promise<void> {
    flushSync();
    await turnsTaken();
    flushSync();
  }

  /** Shows what a link holds, in the step with that number. */
  async show(hash: string, step = 1): Promise<void> {
    this.state.change(() => ({ ...modelOf(hash), step: step - 1 }));
    this.state.select({ head: 0, query: 0, key: 0, column: 0 });
    await this.settled();
  }

  find(selector: string): HTMLElement {
    const node = document.querySelector<HTMLElement>(selector);
    if (!node) throw new Error(`nothing on the page is ${selector}`);
    return node;
  }

  /** The text of the page, or of a part of it, as one line. */
  says(selector = 'main'): string {
    return oneLine(this.find(selector));
  }

  /** A cell of a matrix by its key: `weights:0:1` is row 1, column 2. */
  cell(section: string, key: string): HTMLElement {
    return this.find(`${section} [data-cell="${key}"]`);
  }

  number(section: string, key: string): string {
    return numberIn(this.cell(section, key));
  }

  /** Result cells of a section with the numbers that they print. */
  results(section: string): [key: string, text: string][] {
    return [...document.querySelectorAll<HTMLElement>(`${section} button[data-cell]`)].map(
      (node) => [node.dataset.cell ?? '', numberIn(node)],
    );
  }

  /** Numbers of the formula of a section, by their keys. */
  formula(section: string): [key: string, text: string][] {
    return [...document.querySelectorAll<HTMLElement>(`${section} [data-number]`)].map((node) => [
      node.dataset.number ?? '',
      node.querySelector('.number')?.textContent ?? '',
    ]);
  }

  async focus(node: HTMLElement): Promise<void> {
    node.focus();
    await this.settled();
  }

  /** A button, a radio button or a check box, by the beginning of its name. */
  async press(section: string, name: string): Promise<void> {
    press(this.find(section), name);
    await this.settled();
  }

  async type(field: HTMLElement, text: string): Promise<void> {
    type(field, text);
    await this.settled();
  }
}

export function oneLine(node: Element): string {
  return (node.textContent ?? '').replace(/\s+/g, ' ').trim();
}

function numberIn(cell: HTMLElement): string {
  return (cell.firstChild?.textContent ?? '').trim();
}

export function press(within: Element, name: string): void {
  const named = [...within.querySelectorAll<HTMLElement>('button, label')].find((node) =>
    (node.getAttribute('aria-label') ?? oneLine(node)).startsWith(name),
  );
  if (!named) throw new Error(`no button ${name}`);
  const control = named.querySelector('input') ?? named;
  control.click();
  flushSync();
}

export function type(field: HTMLElement, text: string): void {
  (field as HTMLInputElement).value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

/** What stands in the cells of a table, row by row, headers of rows included. */
export function rowsOf(table: Element, part: 'tbody' | 'tfoot' = 'tbody'): string[][] {
  return [...table.querySelectorAll(`${part} tr`)].map((row) => [...row.children].map(oneLine));
}

export function tableNamed(within: Element, caption: RegExp): Element {
  const found = [...within.querySelectorAll('table')].find((table) => {
    const name = table.querySelector('caption');
    return name !== null && caption.test(oneLine(name));
  });
  if (!found) throw new Error(`no table ${caption}`);
  return found;
}
