const isDevelopment = process.env.NODE_ENV === 'development';

// Next's own scripts are inline, and React wants eval in development.
const scripts = ["'self'", "'unsafe-inline'", "'wasm-unsafe-eval'"];
if (isDevelopment) scripts.push("'unsafe-eval'");

const headers = [{ key: 'Content-Security-Policy', value: `script-src ${scripts.join(' ')}` }];

export default { headers: () => [{ source: '/:path*', headers }] };
