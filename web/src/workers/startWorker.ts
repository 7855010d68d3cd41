import { allowOwnScripts } from './ownScripts.ts';

interface Handlers<Message> {
  readonly receive: (message: Message) => void;
  readonly fail: (reason: string) => void;
}

/** Starts a worker of this page; whatever goes wrong with it is said once, in words. */
export function startWorker<Message>(url: string, { receive, fail }: Handlers<Message>): Worker {
  allowOwnScripts();
  const worker = new Worker(url, { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
  // A script that is not found or cannot be read gives an event without a message.
  worker.onerror = ({ message }) => fail(message || 'The worker’s script could not be loaded.');
  worker.onmessageerror = () => fail('The worker’s answer could not be read.');
  return worker;
}
