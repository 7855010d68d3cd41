/** What the frame tells the page around it, whatever its origin: a height in CSS pixels, and nothing else. */
export interface HeightMessage {
  readonly qkvHeight: number;
}

/** Tells the page around the frame how high the content is, now and after every change. */
export function tellHeight(content: HTMLElement, host: Pick<Window, 'postMessage'>): void {
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(content.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    host.postMessage({ qkvHeight: height } satisfies HeightMessage, '*');
  }).observe(content);
}
