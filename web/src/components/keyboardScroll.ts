/** An attachment that makes a box a stop for Tab while it can be scrolled. */
export function keyboardScroll(node: HTMLElement): () => void {
  const observer = new ResizeObserver(() => {
    const isHigher =
      node.scrollHeight > node.clientHeight && getComputedStyle(node).overflowY !== 'hidden';
    if (node.scrollWidth > node.clientWidth || isHigher) node.tabIndex = 0;
    else node.removeAttribute('tabindex');
  });
  observer.observe(node);
  for (const child of node.children) observer.observe(child);
  return () => observer.disconnect();
}
