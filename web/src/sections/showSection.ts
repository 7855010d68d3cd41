import { SECTIONS } from './sections.ts';

/** Brings a section, counted from 1, to the top of the window, and the keyboard to its heading. */
export function showSection(section: number): void {
  const id = SECTIONS[section - 1]?.id;
  if (id === undefined) return;
  document.getElementById(id)?.scrollIntoView();
  document.getElementById(`${id}-heading`)?.focus({ preventScroll: true });
}
