import { show } from './probe/page.mjs';

await show({ 'audio worklet': reportOfWorklet() });

async function reportOfWorklet() {
  const context = new OfflineAudioContext(1, 128, 44100);
  await context.audioWorklet.addModule('audio-worklet.mjs');
  const node = new AudioWorkletNode(context, 'probe');
  const report = new Promise((resolve) => {
    node.port.onmessage = ({ data }) => resolve(data);
  });
  await context.startRendering();
  return report;
}
