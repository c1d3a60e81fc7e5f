// Times in what people write (`see 1:23`) become links to that moment.
import type { Attachment } from 'svelte/attachments';
import { type Micros, parseClock, toSeconds } from '../time';

const TIME = /(?<![\d:.])(?:\d{1,2}:)?\d{1,3}:\d{2}(?![\d:]|\.\d)/g;

export type Part = string | { text: string; at_us: Micros };

/** Text cut where it names a moment. */
export function cutAtMoments(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(TIME)) {
    const at_us = parseClock(match[0]);
    if (at_us === undefined) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ text: match[0], at_us });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/** Turns the times in an element's text into links, and follows them by `go`. */
export function moments(go: (at_us: Micros) => void): Attachment<HTMLElement> {
  return (element) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes: Text[] = [];
    while (texts.nextNode()) nodes.push(texts.currentNode as Text);
    for (const node of nodes) {
      if (node.parentElement?.closest('a, code, pre')) continue;
      const parts = cutAtMoments(node.data);
      if (parts.every((part) => typeof part === 'string')) continue;
      node.replaceWith(...parts.map((part) => (typeof part === 'string' ? part : link(part.text, part.at_us))));
    }
    const follow = (event: MouseEvent) => {
      const at = (event.target as Element).closest('a[data-at-us]')?.getAttribute('data-at-us');
      if (at === null || at === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      go(Number(at));
    };
    element.addEventListener('click', follow);
    return () => element.removeEventListener('click', follow);
  };
}

function link(text: string, at_us: Micros): HTMLAnchorElement {
  const a = document.createElement('a');
  a.href = `?t=${toSeconds(at_us)}`;
  a.dataset['atUs'] = String(at_us);
  a.textContent = text;
  return a;
}
