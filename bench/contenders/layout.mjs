// Between [B, H, L, D], as problems are, and [B, L, H, D], as some contenders want them.

/** Either way: the second and third dimension change places. */
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
