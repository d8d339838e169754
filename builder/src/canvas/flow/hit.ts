/** What lies under the mouse: an edge to put a block into, a block to connect with. */

export interface At {
  readonly x: number;
  readonly y: number;
}

/** The id of the edge under a point of the window. */
export function edgeAt({ x, y }: At): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const edge = element.closest('.react-flow__edge');
    if (edge) return edge.getAttribute('data-id');
  }
  return null;
}

/** The id of the block or card under a point of the window. */
export function nodeAt({ x, y }: At): string | null {
  for (const element of document.elementsFromPoint(x, y)) {
    const node = element.closest('.react-flow__node');
    if (node) return node.getAttribute('data-id');
  }
  return null;
}

export function overCanvas({ x, y }: At): boolean {
  const top = document.elementFromPoint(x, y);
  return top?.closest('.react-flow') != null && top.closest('[data-panel]') === null;
}

/** Show which edge a block would go into; null shows none. Not React's: it follows the mouse. */
export function markEdge(id: string | null): void {
  for (const marked of document.querySelectorAll('.react-flow__edge[data-over]')) {
    if (marked.getAttribute('data-id') !== id) marked.removeAttribute('data-over');
  }
  if (id !== null) {
    document
      .querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)
      ?.setAttribute('data-over', '');
  }
}

export function pointOf(event: MouseEvent | TouchEvent): At {
  if ('clientX' in event) return { x: event.clientX, y: event.clientY };
  const touch = event.changedTouches[0] ?? event.touches[0];
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 };
}
