import type { SectionId } from './sections.ts';

/** Scrolls to a section and focuses its heading. */
export function showSection(id: SectionId): void {
  document.getElementById(id)?.scrollIntoView();
  document.getElementById(`${id}-heading`)?.focus({ preventScroll: true });
}
