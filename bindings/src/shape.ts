/** How many numbers a tensor of this shape has. */
export function elementsOf(shape: readonly number[]): number {
  let elements = 1;
  for (let i = 0; i < shape.length; ++i) elements *= shape[i] as number;
  return elements;
}
