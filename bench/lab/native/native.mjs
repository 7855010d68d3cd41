// npm run lab -- native: builds the benchmark of the core (Google Benchmark) and runs it.

import { buildPreset } from '../../../tools/build.mjs';
import { findToolchain } from '../../../tools/toolchain.mjs';

/** `only` is a pattern of names; `quick` spends less time on each benchmark. */
export async function runNative({ only, quick }) {
  const toolchain = await findToolchain();
  await buildPreset(toolchain, 'native-bench', 'core_bench');
  const args = [
    ...(only === undefined ? [] : [`--benchmark_filter=${only}`]),
    // Interleaved and repeated, so that a slow moment of the machine does not hit one benchmark alone.
    ...['--benchmark_enable_random_interleaving', `--benchmark_repetitions=${quick ? 3 : 9}`],
    ...['--benchmark_report_aggregates_only', `--benchmark_min_time=${quick ? 0.01 : 0.1}s`],
    '--benchmark_counters_tabular',
  ];
  await toolchain.run('build/native-bench/bench/lab/native/core_bench', args);
}
