import { startWorker } from '../workers/startWorker.ts';
import type { Picture, Reply, Request, Settings } from './picture.ts';
import workerUrl from './pictureWorker.ts?worker&url';

/** The parts of the time between an input and its picture, in milliseconds. */
export interface Timing {
  readonly compute: number;
  readonly colour: number;
  /** Waiting for the worker, and both messages. */
  readonly handOver: number;
  readonly draw: number;
  readonly total: number;
  /** Whether the worker was started for it. */
  readonly isFirst: boolean;
}

interface Asked {
  readonly id: number;
  readonly settings: Settings;
  readonly at: number;
  readonly isFirst: boolean;
}

/**
 * The picture of the latest settings. The worker gets one request at a time. Of the requests that come
 * meanwhile only the last is kept, so the picture catches up with a slider in one step.
 */
export class LivePicture {
  picture: Picture | null = $state.raw(null);
  timing: Timing | null = $state.raw(null);
  failure: string | null = $state(null);

  readonly #draw: (picture: Picture) => void;
  #worker: Worker | null = null;
  #asked = 0;
  #underway: Asked | null = null;
  #waiting: Asked | null = null;

  constructor(draw: (picture: Picture) => void) {
    this.#draw = draw;
  }

  ask(settings: Settings): void {
    this.#asked++;
    this.#waiting = { id: this.#asked, settings, at: performance.now(), isFirst: !this.#worker };
    this.#send();
  }

  stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#underway = null;
  }

  #send(): void {
    if (this.#underway || !this.#waiting) return;
    this.#worker ??= this.#start();
    const { id, settings } = this.#waiting;
    // The pixels are drawn already and can be reused; the weights are still needed.
    const spare = this.picture?.pixels.buffer ?? null;
    const transfer = spare && spare.byteLength > 0 ? [spare] : [];
    this.#worker.postMessage({ id, settings, spare } satisfies Request, transfer);
    this.#underway = this.#waiting;
    this.#waiting = null;
  }

  #start(): Worker {
    return startWorker<Reply>(workerUrl, {
      receive: (reply) => this.#receive(reply),
      fail: (reason) => this.#fail(reason),
    });
  }

  #receive(reply: Reply): void {
    const asked = this.#underway;
    if (asked?.id !== reply.id) return;
    this.#underway = null;
    if (!reply.ok) {
      this.#fail(reply.reason);
      return;
    }
    const { picture } = reply;
    const received = performance.now();
    this.#draw(picture);
    const drawn = performance.now();
    const { computeMs: compute, colourMs: colour } = picture;
    this.timing = {
      compute,
      colour,
      handOver: received - asked.at - compute - colour,
      draw: drawn - received,
      total: drawn - asked.at,
      isFirst: asked.isFirst,
    };
    this.picture = picture;
    this.failure = null;
    this.#send();
  }

  /** After a failure the next request starts another worker. */
  #fail(reason: string): void {
    this.failure = reason;
    this.stop();
  }
}
