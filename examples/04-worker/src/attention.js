// The page's side: attend() as a promise.

const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
const waiting = new Map();
let calls = 0;

worker.onmessage = ({ data: { id, result, error } }) => {
  const { resolve, reject } = waiting.get(id);
  waiting.delete(id);
  if (error) reject(Object.assign(new Error(error.message), error));
  else resolve(result);
};

/** Attention.attend() in the worker. */
export function attend(query, key, value, options) {
  const id = calls++;
  worker.postMessage({ id, call: [query, key, value, options] });
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
  });
}
