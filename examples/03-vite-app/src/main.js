import { createAttention } from 'qkv';

const rows = [
  [1, 0],
  [0, 1],
  [1, 1],
  [2, -1],
];
const status = document.querySelector('[role=status]');
try {
  const attention = await createAttention();
  const { weights } = attention.attend(rows, rows, rows, { isCausal: true, capture: ['weights'] });
  show(weights);
  status.textContent = `Computed by the variant '${attention.info.variant}'.`;
} catch (error) {
  status.textContent = error.message; // says how to fix it
}

/** A cell for each weight: the larger, the darker. */
function show({ data, shape }) {
  const [queries, keys] = shape.slice(-2);
  const table = document.querySelector('table');
  for (let i = 0; i < queries; i++) {
    const row = table.insertRow();
    for (const weight of data.subarray(i * keys, (i + 1) * keys)) {
      const cell = row.insertCell();
      cell.textContent = weight.toFixed(3);
      cell.style.background = `rgb(64 96 192 / ${weight / 2})`;
    }
  }
}
