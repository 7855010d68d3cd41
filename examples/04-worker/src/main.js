import { attend } from './attention.js';

const shape = [8, 2000, 64]; // [H, L, D]
const button = document.querySelector('button');
const frames = document.querySelector('output');
const status = document.querySelector('[role=status]');

button.addEventListener('click', async () => {
  button.disabled = true;
  const stop = countFrames();
  try {
    const { output } = await attend(tensor(), tensor(), tensor(), { isCausal: true });
    status.textContent = `output [${output.shape.join(', ')}]`;
  } catch (error) {
    status.textContent = `${error.code}: ${error.message}`;
  }
  stop();
  button.disabled = false;
});

function countFrames() {
  let count = 0;
  let next = requestAnimationFrame(function draw() {
    count += 1;
    frames.textContent = count;
    next = requestAnimationFrame(draw);
  });
  return () => cancelAnimationFrame(next);
}

function tensor() {
  const length = shape.reduce((a, b) => a * b);
  return { data: Float32Array.from({ length }, () => 2 * Math.random() - 1), shape };
}
