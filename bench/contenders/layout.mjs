// Converts between [B, H, L, D], the layout of problems, and [B, L, H, D], which some contenders take.

/** Swaps the second and the third dimension, in either direction. */
export function swapHeadsAndRows({ data, shape: [batch, first, second, columns] }) {
  const swapped = new Float32Array(data.length);
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < first; i++)
      for (let j = 0; j < second; j++) {
        const from = ((b * first + i) * second + j) * columns;
        swapped.set(data.subarray(from, from + columns), ((b * second + j) * first + i) * columns);
      }
  return { data: swapped, shape: [batch, second, first, columns] };
}

export function swappedData(tensor) {
  return swapHeadsAndRows(tensor).data;
}

/** The rows of each head of [1, H, L, D], as views. */
export function rowsByHead({ data, shape: [, heads, rows, columns] }) {
  return Array.from({ length: heads }, (_, h) =>
    Array.from({ length: rows }, (_, i) => {
      const from = (h * rows + i) * columns;
      return data.subarray(from, from + columns);
    }),
  );
}
