import { reportOf, show } from './probe/page.mjs';

await show({ worker: reportOf(new Worker('worker.mjs', { type: 'module' })) });
