// Rows of keys and values, moved between layouts and concatenated. Browsers load this module too.

/** [.., H, L, D] as [.., L, H, D], and back. */
export function swapHeadsAndRows({ data, shape }) {
  if (shape.length < 3) return { data, shape };
  const [batch, first, second, columns] = [1, ...shape].slice(-4);
  const swapped = new Float32Array(data.length);
  let from = 0;
  for (let b = 0; b < batch; b++)
    for (let f = 0; f < first; f++)
      for (let s = 0; s < second; s++, from += columns)
        swapped.set(data.subarray(from, from + columns), ((b * second + s) * first + f) * columns);
  return { data: swapped, shape: [batch, second, first, columns].slice(4 - shape.length) };
}

/** [B, H, P, D] and [B, H, L, D] as [B, H, P + L, D]. */
export function concatenateRows(before, after) {
  const [batch, heads, , columns] = after.shape;
  const rows = before.shape[2] + after.shape[2];
  const data = new Float32Array(batch * heads * rows * columns);
  const [first, second] = [before, after].map(({ shape }) => shape[2] * columns);
  for (let head = 0; head < batch * heads; head++) {
    const at = head * rows * columns;
    data.set(before.data.subarray(head * first, (head + 1) * first), at);
    data.set(after.data.subarray(head * second, (head + 1) * second), at + first);
  }
  return { data, shape: [batch, heads, rows, columns] };
}
