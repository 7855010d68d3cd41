// The browsers of the matrix, and the variant that each must run. Chrome has relaxed SIMD since 114, Firefox since
// 145; WebKit has it switched off.

import { startChromium } from './drivers/chromium.mjs';
import { startFirefox } from './drivers/firefox.mjs';
import { startWebKit } from './drivers/webkit.mjs';

export const BROWSERS = {
  chromium: { title: 'Chromium', variant: 'relaxed', start: startChromium },
  firefox: { title: 'Firefox', variant: 'relaxed', start: startFirefox },
  webkit: { title: 'WebKit', variant: 'simd', start: startWebKit },
};

/** Starts each browser once, at its first use. */
export class Browsers {
  #started = new Map();

  get(name) {
    if (!this.#started.has(name)) this.#started.set(name, BROWSERS[name].start());
    return this.#started.get(name);
  }

  async close() {
    const started = await Promise.allSettled(this.#started.values());
    await Promise.allSettled(started.map(({ value }) => value?.close()));
  }
}
