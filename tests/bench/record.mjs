// A record as a run writes it, with round numbers.

const row = (rest) => ({ operations: 0, bytes: 0, ...rest });

/** A core whose limit is 100 GFLOP/s; `shares` are the contenders' shares of it. */
function computing(name, problem, shares) {
  const operations = 1e9;
  const limit = row({
    contender: 'limit: fused multiply-add, 8 sums',
    limit: 'fused',
    operations,
    samples: [0.01, 0.01, 0.01],
  });
  const rows = Object.entries(shares).map(([contender, share]) =>
    row({
      ...{ problem, contender, operations },
      ...(contender.startsWith('limit') && { limit: 'bare' }),
      samples: [0.011, 0.01, 0.009].map((s) => s / share),
    }),
  );
  return { name, unit: 'GFLOP/s', rows: [limit, ...rows] };
}

export function exampleRecord() {
  const groups = [
    computing('D=64, L=512', 'L=512 H=8 D=64', {
      'qkv relaxed': 0.9,
      'qkv relaxed, out': 0.92,
      'qkv simd': 0.5,
      'onnxruntime-web Attention': 0.2,
      'onnxruntime-web MultiHeadAttention': 0.25,
      'plain JavaScript': 0.01,
      'limit: bare attention, fused 2 × 6': 0.95,
      'limit: bare attention, separate 2 × 4': 0.7,
      'limit: bare attention, separate 3 × 3': 0.75,
    }),
    computing('D=64, L=2048', 'L=2048 H=8 D=64', {
      'qkv relaxed': 0.8,
      'qkv simd': 0.6,
      'onnxruntime-web Attention': 0.4,
      'limit: bare attention, fused 2 × 6': 0.9,
    }),
  ];
  const cold = [
    ['qkv relaxed', 0.02],
    ['onnxruntime-web Attention', 0.4],
  ].map(([contender, loading]) => ({
    problem: 'worked example',
    contender,
    steps: ['import to first output'],
    runs: [{ loading, firstCall: 0, warmCall: 0 }],
  }));
  return {
    date: '2026-01-02T03:04:05.000Z',
    machine: { processor: 'A processor', loadAtTheStart: 0 },
    versions: { qkv: '1.2.3' },
    engines: [{ name: 'Node', version: '24.1.0', groups, cold, fetched: [], memory: [] }],
  };
}
