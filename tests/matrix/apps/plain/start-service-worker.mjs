import { show } from './probe/page.mjs';

await show({ 'service worker': reportOfServiceWorker() });

async function reportOfServiceWorker() {
  await navigator.serviceWorker.register('service-worker.mjs', { type: 'module' });
  const { active } = await navigator.serviceWorker.ready;
  const { port1, port2 } = new MessageChannel();
  const answer = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  active.postMessage('probe', [port2]);
  return answer;
}
