// The page's side of the matrix. It records the browser's complaints from the start, so import it first. Reports go
// where a driver finds them, or are posted where there is no driver.

import { settled } from './probe.mjs';

const complaints = [];
addEventListener('error', ({ message }) => complaints.push(message));
addEventListener('unhandledrejection', ({ reason }) => complaints.push(String(reason)));
addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  complaints.push(`${violatedDirective} forbids ${blockedURI}`),
);

/** `places` are promises of reports by their place: page, worker, server … */
export async function show(places) {
  const reports = {};
  for (const [name, report] of Object.entries(places)) reports[name] = await settled(report);
  const report = JSON.stringify({ places: reports, complaints });
  if (location.search === '?post') await fetch('report', { method: 'POST', body: report });
  const element = document.createElement('output');
  element.id = 'report';
  element.textContent = report;
  document.body.append(element);
}

// A browser may collect a worker without references, and its report with it.
const workers = new Set();

/** The report of a worker. */
export function reportOf(worker) {
  workers.add(worker);
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      reject(new Error(`the worker failed: ${event.message ?? 'its script did not load'}`));
    };
  });
}
