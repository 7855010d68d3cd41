import type { Plugin } from 'vite';
import directives from '../content-security-policy.json' with { type: 'json' };

/**
 * The page contains its policy, for servers that send none. 'wasm-unsafe-eval' allows WebAssembly to
 * compile and nothing else. Svelte makes its templates through one named Trusted Types policy. CSS needs
 * `data:` images. (Only a server can set `frame-ancestors` and `report-to`; a <meta> cannot.)
 */
const POLICY = directives.join('; ');

/** Only for builds: Vite's development server needs inline styles and an inline script. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'qkv:content-security-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
          // First in <head>: a policy governs only what comes after it.
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}
