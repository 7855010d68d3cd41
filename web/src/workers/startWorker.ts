import { allowOwnScripts } from './ownScripts.ts';

interface Handlers<Message> {
  readonly receive: (message: Message) => void;
  readonly fail: (reason: string) => void;
}

/** Starts a worker of this page. `fail` gets a message for every kind of failure. */
export function startWorker<Message>(url: string, { receive, fail }: Handlers<Message>): Worker {
  allowOwnScripts();
  const worker = new Worker(url, { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
  // If the script is missing or cannot be read, the event has no message.
  worker.onerror = ({ message }) => fail(message || 'The worker’s script could not be loaded.');
  worker.onmessageerror = () => fail('The worker’s answer could not be read.');
  return worker;
}
