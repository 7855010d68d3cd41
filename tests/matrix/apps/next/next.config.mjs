const isDevelopment = process.env.NODE_ENV === 'development';

// Next's own scripts are inline, and React wants eval in development.
const scripts = ["'self'", "'unsafe-inline'", "'wasm-unsafe-eval'"];
if (isDevelopment) scripts.push("'unsafe-eval'");

const headers = [{ key: 'Content-Security-Policy', value: `script-src ${scripts.join(' ')}` }];

// Set where the server is deployed with the files that it needs; next itself is in a folder above.
const { TRACING_ROOT } = process.env;

export default {
  headers: () => [{ source: '/:path*', headers }],
  ...(TRACING_ROOT && { output: 'standalone', outputFileTracingRoot: TRACING_ROOT }),
};
