import { cividis } from '../numbers/cividis.ts';
import { indices, type Matrix } from '../numbers/matrix.ts';
import type { Table } from './tables.ts';

/** In pixels. The reader's machine chooses the font, so the width of a digit is an estimate. */
const SIZE = { cell: 40, digit: 9, gap: 22, label: 44, head: 64, margin: 16, bracket: 7 } as const;
const INK = '#1d1f24';
const MUTED = '#5a5f6b';
const ACCENTS = { q: '#0a62a3', k: '#b34a00', v: '#00755a' } as const;
/** On brighter weights than this, black text is easier to read than white. */
const BRIGHT = 0.45;

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** A matrix as a picture: brackets, names of rows and columns, weights in colour. */
export function pictureOf(table: Table, matrix: Matrix, title: string): Picture {
  const texts = indices(matrix.rows).map((row) =>
    indices(matrix.columns).map((column) => table.format(matrix.at(row, column))),
  );
  const longest = Math.max(...texts.flat().map((text) => text.length));
  const cell = Math.max(SIZE.cell, longest * SIZE.digit + SIZE.gap);
  const [left, top] = [SIZE.margin + SIZE.label, SIZE.head];
  const [innerWidth, innerHeight] = [matrix.columns * cell, matrix.rows * SIZE.cell];
  const width = Math.max(left + innerWidth, title.length * SIZE.digit) + 2 * SIZE.margin;
  const height = top + innerHeight + SIZE.margin;

  const cells = texts.flatMap((row, i) =>
    row.map((text, j) => {
      const [x, y] = [left + j * cell, top + i * SIZE.cell];
      return drawnCell(table, matrix.at(i, j), text, x, y, cell);
    }),
  );
  const rowLabels = indices(matrix.rows).map((row) =>
    name(table.rows, row, left - 22, top + (row + 0.5) * SIZE.cell),
  );
  const columnLabels = indices(matrix.columns).map((column) => {
    const [x, y] = [left + (column + 0.5) * cell, top - 14];
    return table.columns
      ? name(table.columns, column, x, y)
      : text(String(column + 1), x, y, `fill="${MUTED}" font-size="13"`);
  });
  const heading = text(
    title,
    SIZE.margin,
    24,
    `fill="${MUTED}" font-size="15" text-anchor="start"`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="'Source Sans 3', 'Segoe UI', Helvetica, Arial, sans-serif" font-size="17" text-anchor="middle" role="img">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#fbfaf7"/>
${[heading, ...columnLabels, ...rowLabels, ...cells].join('\n')}
${brackets(left, top, innerWidth, innerHeight)}
</svg>
`;
  return { svg, width, height };
}

function drawnCell(
  { isWeight }: Table,
  value: number,
  shown: string,
  x: number,
  y: number,
  width: number,
): string {
  const number = (fill: string) => text(shown, x + width / 2, y + SIZE.cell / 2, `fill="${fill}"`);
  if (!isWeight || !Number.isFinite(value)) return number(INK);
  const square = `<rect x="${x}" y="${y}" width="${width}" height="${SIZE.cell}" fill="${cividis(value)}"/>`;
  return square + number(value > BRIGHT ? '#000' : '#fff');
}

/** A symbol with its index, counted from one. */
function name(symbol: 'q' | 'k' | 'v', index: number, x: number, y: number): string {
  const letter = `<tspan font-family="'STIX Two Math', 'Times New Roman', serif" font-style="italic" font-size="20">${symbol}</tspan>`;
  return text(
    `${letter}<tspan dy="4" font-size="12">${index + 1}</tspan>`,
    x,
    y,
    `fill="${ACCENTS[symbol]}"`,
  );
}

function text(content: string, x: number, y: number, attributes: string): string {
  return `<text x="${x}" y="${y + 6}" ${attributes}>${content}</text>`;
}

function brackets(x: number, y: number, width: number, height: number): string {
  const side = (at: number, inwards: number) =>
    `M${at + inwards} ${y}H${at}V${y + height}H${at + inwards}`;
  const path = `${side(x, SIZE.bracket)} ${side(x + width, -SIZE.bracket)}`;
  return `<path d="${path}" fill="none" stroke="${INK}" stroke-width="1.5"/>`;
}
