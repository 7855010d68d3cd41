// A node of an ONNX graph. Only listed attributes and inputs are allowed: one that nobody reads would make a
// case pass that tests nothing.

/** The node's attributes and inputs, each checked against the list of its op. */
export function readNode({ attributes, inputs }, known) {
  for (const [name, value] of Object.entries(attributes)) {
    const isValid = known.attributes[name];
    if (!isValid) throw new Error(`attribute ${name} is not known here`);
    if (!isValid(value)) throw new Error(`attribute ${name}: ${value} is not known here`);
  }
  for (const name of Object.keys(inputs)) {
    if (!known.inputs.includes(name)) throw new Error(`input ${name} is not known here`);
  }
  return { attributes, inputs };
}

export const isFlag = (value) => value === 0 || value === 1;
export const isNumber = (value) => typeof value === 'number' && Number.isFinite(value);
export const isCount = (value) => Number.isInteger(value) && value > 0;
export const isOneOf =
  (...values) =>
  (value) =>
    values.includes(value);

/**
 * Inputs of rank 3 are [B, L, H·D]: here [B, L, H, D] in layout 'blhd'. Those of rank 4 are
 * [B, H, L, D], and must have the attribute's number of heads, if it is given.
 */
export function separateHeads({ shape, data }, heads, name) {
  if (shape.length === 4) {
    if (heads !== undefined && heads !== shape[1])
      throw new Error(`${name} has ${shape[1]} heads, and the attribute says ${heads}`);
    return { shape, data };
  }
  const [batch, rows, width] = shape;
  if (shape.length !== 3 || !isCount(heads) || width % heads !== 0)
    throw new Error(`${name}: [${shape}] does not divide into ${heads} heads`);
  return { shape: [batch, rows, heads, width / heads], data };
}
