import { SECTIONS } from './sections.ts';

/** Scrolls to a section, counted from 1, and focuses its heading. */
export function showSection(section: number): void {
  const id = SECTIONS[section - 1]?.id;
  if (id === undefined) return;
  document.getElementById(id)?.scrollIntoView();
  document.getElementById(`${id}-heading`)?.focus({ preventScroll: true });
}
