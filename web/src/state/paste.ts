import type { Rows } from './model.ts';
import { jsonValueOf, onlyMatrixOf, type Whole, wholeOf } from './pasteJSON.ts';
import { Ambiguous, fromPrinted, fromTable, isPrinted, Unreadable } from './pasteTable.ts';

/** The pasted numbers: one matrix, or Q, K and V at once. A question has a text for each answer. */
export type Pasted =
  | { readonly kind: 'matrix'; readonly rows: Rows }
  | ({ readonly kind: 'all' } & Whole)
  | { readonly kind: 'question'; readonly question: string; readonly answers: Ambiguous['answers'] }
  | { readonly kind: 'problem'; readonly problem: string };

/** Characters. The largest file that the page saves is shorter, and so many are read at once. */
export const LONGEST_PASTE = 1_000_000;

/**
 * Reads rows of numbers as spreadsheets copy them, CSV files have them, people type them, or NumPy,
 * PyTorch and MATLAB print them, and JSON: [[…]] or {"q": …, "k": …, "v": …}, nested once more for heads.
 */
export function readPaste(text: string): Pasted {
  if (text.length > LONGEST_PASTE) {
    const millions = (length: number) => Math.ceil(length / 1e6);
    return problem(
      `That is ${millions(text.length)} million characters; the page reads at most ${millions(LONGEST_PASTE)} million.`,
    );
  }
  const trimmed = text.trim();
  if (trimmed === '') return problem('Nothing to read yet: paste rows of numbers.');
  try {
    if (trimmed.startsWith('{')) return { kind: 'all', ...wholeOf(jsonValueOf(trimmed)) };
    return { kind: 'matrix', rows: matrixFrom(trimmed, text) };
  } catch (error) {
    if (error instanceof Unreadable) return problem(error.message);
    if (error instanceof Ambiguous) {
      return { kind: 'question', question: error.message, answers: error.answers };
    }
    throw error;
  }
}

/** A spreadsheet's first cell may be empty, so its text is not trimmed. */
function matrixFrom(trimmed: string, text: string): Rows {
  if (!isPrinted(trimmed)) return fromTable(text);
  const value = jsonValueOf(trimmed);
  return value === undefined ? fromPrinted(trimmed) : onlyMatrixOf(value);
}

function problem(text: string): Pasted {
  return { kind: 'problem', problem: text };
}
