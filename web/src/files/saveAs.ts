import { type Choice, fileName, fileOf } from './fileOf.ts';
import type { Format } from './formats.ts';

/** Long enough for the browser to have read the file. */
const KEPT_MS = 60_000;

/** Hands the file to the reader as a download. Resolves to its name. */
export async function saveAs(format: Format, choice: Choice): Promise<string> {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await fileOf(format, choice));
  link.download = fileName(format, choice);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
  return link.download;
}
