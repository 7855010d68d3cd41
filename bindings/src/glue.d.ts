import type { ModuleFactory } from './module.js';

/** What Emscripten makes for every variant alike; build.mjs puts it here (plugins/glue.mjs). */
declare const factory: ModuleFactory;
export default factory;
