/**
 * Moves from one input of a table to its neighbour. Up and Down have no meaning inside one line of text;
 * Left and Right leave a cell only at the end of its text.
 */
export function moveByArrow(event: KeyboardEvent, row: number, column: number): void {
  const input = event.currentTarget as HTMLInputElement;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
  const [start, end] = [input.selectionStart, input.selectionEnd];
  const target = { row, column };
  if (event.key === 'ArrowUp') target.row--;
  else if (event.key === 'ArrowDown') target.row++;
  else if (event.key === 'ArrowLeft' && start === 0 && end === 0) target.column--;
  else if (event.key === 'ArrowRight' && start === input.value.length && end === start)
    target.column++;
  else return;
  const rows = input.closest('table')?.tBodies[0]?.rows;
  const next = rows?.[target.row]?.querySelectorAll('input')[target.column];
  if (target.row < 0 || target.column < 0 || !next) return;
  event.preventDefault();
  next.focus();
  next.select();
}
