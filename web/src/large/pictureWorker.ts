import { createAttention } from 'qkv';
import { PictureComputer } from './computePicture.ts';
import type { Reply, Request } from './picture.ts';

const computer = createAttention().then((attention) => new PictureComputer(attention));

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  const { id, settings, spare } = data;
  try {
    const picture = (await computer).compute(settings, spare);
    const transfer = [picture.pixels.buffer, picture.weights.buffer];
    postMessage({ id, ok: true, picture } satisfies Reply, { transfer });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    postMessage({ id, ok: false, reason } satisfies Reply);
  }
});
