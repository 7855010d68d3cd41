import type { HeightMessage } from './height.ts';

const NAME: keyof HeightMessage = 'qkvHeight';

/**
 * The markup for another page: a frame that is as wide as the text around it, and lines that make it as
 * high as its content. Without these lines the frame scrolls.
 */
export function frameMarkup(address: string, title: string, height: number): string {
  const text = title.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return `<iframe src="${address.replaceAll('&', '&amp;')}" title="${text}" loading="lazy" style="width: 100%; height: ${height}px; border: 0"></iframe>
<script>
addEventListener('message', ({ data, source }) => {
  for (const frame of document.querySelectorAll('iframe'))
    if (frame.contentWindow === source && data.${NAME} > 0) frame.style.height = \`\${data.${NAME}}px\`;
});
</script>`;
}
