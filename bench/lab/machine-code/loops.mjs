// Parses what V8 prints with --print-wasm-code on x64: the functions and their innermost loops.

const HEADER = /^name: (\S+)$/;
const INSTRUCTION = /^0x([0-9a-f]+)\s+[0-9a-f]+\s+((?:[0-9a-f]{2})+)\s+(.*)$/;
const JUMP = /^j\w+ 0x([0-9a-f]+)/;

/** A map from each function's name to its instructions, [{ address, bytes, text }]. */
export function functionsOf(printed) {
  const functions = new Map();
  let instructions = [];
  for (const line of printed.split('\n')) {
    const name = HEADER.exec(line)?.[1];
    const found = INSTRUCTION.exec(line);
    if (name) {
      instructions = [];
      functions.set(name, instructions);
    } else if (found) {
      const [, address, bytes, text] = found;
      instructions.push({ address: Number.parseInt(address, 16), bytes, text });
    }
  }
  return functions;
}

/** The innermost loops: each reaches from the target of a backward jump to the jump. */
export function innermostLoops(instructions) {
  const position = new Map(instructions.map(({ address }, i) => [address, i]));
  const loops = instructions
    .map(({ text }, last) => ({ first: position.get(targetOf(text)), last }))
    .filter(({ first, last }) => first !== undefined && first <= last);
  const holds = (outer, inner) =>
    outer !== inner && outer.first <= inner.first && inner.last <= outer.last;
  return loops
    .filter((loop) => !loops.some((other) => holds(loop, other)))
    .map(({ first, last }) => instructions.slice(first, last + 1));
}

function targetOf(text) {
  return Number.parseInt(JUMP.exec(text)?.[1], 16);
}

const MULTIPLY = /^v(fn?madd\d+|mul)ps xmm/;
const MAKES_EXPONENTS = /^v(pslld|cvtt?ps2dq)/;

/** Counts the instructions, vector multiplications, vector loads, stores and spills of a loop. */
export function countsOf(loop) {
  const count = (pattern) => loop.filter(({ text }) => pattern.test(text)).length;
  return {
    instructions: loop.length,
    multiplications: count(MULTIPLY),
    loads: count(/^v\w+ xmm\d+,(.*,)?\[/),
    stores: count(/^v\w+ \[(?!rsp|rbp)/),
    spills: count(/^v\w+ \[r[sb]p/),
    hasExponents: count(MAKES_EXPONENTS) > 0,
  };
}
