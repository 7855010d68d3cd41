/** Where an arrow key, Home or End moves in a table with one tab stop; null for other keys. */
export function movedInTable(
  event: KeyboardEvent,
  { row, column }: { readonly row: number; readonly column: number },
  columns: number,
): { readonly row: number; readonly column: number } | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  switch (event.key) {
    case 'ArrowUp':
      return { row: row - 1, column };
    case 'ArrowDown':
      return { row: row + 1, column };
    case 'ArrowLeft':
      return { row, column: column - 1 };
    case 'ArrowRight':
      return { row, column: column + 1 };
    case 'Home':
      return { row, column: 0 };
    case 'End':
      return { row, column: columns - 1 };
    default:
      return null;
  }
}
