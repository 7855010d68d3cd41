// How machine code and profiles are read. Both are written by hand here as V8 prints them: the code has a loop in
// a loop, and a jump that only goes forward.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countsOf, functionsOf, innermostLoops } from '../../bench/lab/machine-code/loops.mjs';
import { sharesOf } from '../../bench/lab/machine-code/profile.mjs';

const PRINTED = `--- WebAssembly code ---
name: wasm-function[7]
compiler: TurboFan
Instructions (size = 48)
0x1000     0  55                   push rbp
0x1001     1  c5f86f00             vmovups xmm0,[rax]
0x1005     5  0f8700000000         ja 0x101e  <+0x1e>
0x100b     b  c4c211b8c6           vfmadd231ps xmm0,xmm13,xmm14
0x1010    10  c4e2791801           vbroadcastss xmm0,[rcx]
0x1015    15  c5f8114510           vmovups [rbp-0x10],xmm0
0x101a    1a  75ef                 jnz 0x100b  <+0xb>
0x101c    1c  ebe3                 jmp 0x1001  <+0x1>
0x101e    1e  c3                   retl

Source positions:
name: wasm-function[9]
0x2000     0  c5f172f117           vpslld xmm1,xmm1,23
0x2005     5  c5f0590c08           vmulps xmm1,xmm1,[rax+rcx*1]
0x200a     a  c5f8110c0a           vmovups [rdx+rcx*1],xmm1
0x200f     f  75ef                 jnz 0x2000  <+0x0>
`;

describe('printed machine code', () => {
  const functions = functionsOf(PRINTED);

  test('is split into functions of instructions, each with its bytes', () => {
    assert.deepEqual([...functions.keys()], ['wasm-function[7]', 'wasm-function[9]']);
    assert.equal(functions.get('wasm-function[7]').length, 9);
    assert.deepEqual(functions.get('wasm-function[9]')[0], {
      address: 0x2000,
      bytes: 'c5f172f117',
      text: 'vpslld xmm1,xmm1,23',
    });
  });

  test('only innermost loops are found', () => {
    const loops = innermostLoops(functions.get('wasm-function[7]'));
    assert.equal(loops.length, 1);
    assert.deepEqual(
      loops[0].map(({ address }) => address),
      [0x100b, 0x1010, 0x1015, 0x101a],
    );
  });

  test('one loop has products and a spill, the other makes exponents', () => {
    const [products] = innermostLoops(functions.get('wasm-function[7]'));
    assert.deepEqual(countsOf(products), {
      ...{ instructions: 4, multiplications: 1, loads: 1, stores: 0, spills: 1 },
      hasExponents: false,
    });
    const [exponents] = innermostLoops(functions.get('wasm-function[9]'));
    assert.deepEqual(countsOf(exponents), {
      ...{ instructions: 4, multiplications: 1, loads: 1, stores: 1, spills: 0 },
      hasExponents: true,
    });
  });
});

test('a profile gives shares of what the package called, without the limit', () => {
  const node = (id, functionName, url, children) => ({
    ...{ id, children },
    callFrame: { functionName, url },
  });
  const shares = sharesOf({
    nodes: [
      node(1, '(root)', '', [2, 5]),
      node(2, 'run', 'file:///bench/contenders/qkv.mjs', [3]),
      node(3, 'attend', 'file:///dist/attention.js', [4]),
      node(4, 'wasm-function[7]', 'wasm://wasm/1'),
      node(5, 'run', 'file:///bench/limit/loops.mjs', [6]),
      node(6, 'wasm-function[7]', 'wasm://wasm/2'),
    ],
    samples: [4, 6, 3, 4, 1, 2],
    timeDeltas: [20, 500, 8, 60, 900, 12],
  });
  assert.deepEqual(
    [...shares],
    [
      ['wasm-function[7]', 0.8],
      ['JavaScript, copies', 0.2],
    ],
  );
});
