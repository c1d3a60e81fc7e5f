// HTML from a library, parsed into a tree of an allowed set of elements. Only the tree is rendered:
// no HTML becomes a part of the page, so nothing in it can run, fetch, style the page or navigate.
import type { Micros } from '../time';
import { splitAtTimestamps } from './timestamps';

const PLAIN = [
  'p',
  'em',
  'strong',
  'code',
  'pre',
  'ul',
  'ol',
  'li',
  'blockquote',
  'br',
  'hr',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'del',
  's',
  'sub',
  'sup',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
] as const;

/** An element without attributes. */
export type Tag = (typeof PLAIN)[number];

export type MarkupNode =
  | string
  /** A time of the clip. */
  | { kind: 'timestamp'; text: string; at_us: Micros }
  /** A link to elsewhere; its address is absolute. */
  | { kind: 'link'; href: string; children: MarkupNode[] }
  | { kind: 'element'; tag: Tag; start?: number; children: MarkupNode[] };

/**
 * Elements that are dropped with their text. All others that are not allowed are replaced by their
 * content.
 */
const UNREAD = new Set([
  'script',
  'style',
  'template',
  'title',
  'head',
  'noscript',
  'iframe',
  'object',
  'svg',
  'math',
]);
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
/** Elements nested deeper become text, so that recursion is bounded. */
const MAX_DEPTH = 32;
/** More than any text of a library; the rest is cut off. */
const MAX_CHARACTERS = 1 << 20;

const allowed: ReadonlySet<string> = new Set(PLAIN);
const isPlain = (tag: string): tag is Tag => allowed.has(tag);

interface Policy {
  createHTML(html: string): string;
}

/**
 * Under `require-trusted-types-for 'script'`, `parseFromString` takes only what a named policy has
 * made.
 */
const policy = (
  globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }
).trustedTypes?.createPolicy('vignette-inert', { createHTML: (html) => html });

/** Parses untrusted HTML. A document without a window fetches nothing and runs nothing. */
export function readMarkup(html: string): MarkupNode[] {
  const bounded = html.slice(0, MAX_CHARACTERS);
  const inert = new DOMParser().parseFromString(
    policy?.createHTML(bounded) ?? bounded,
    'text/html',
  );
  return children(inert.body, 0, true);
}

function children(parent: Node, depth: number, timestamps: boolean): MarkupNode[] {
  const nodes: MarkupNode[] = [];
  for (const node of parent.childNodes) {
    if (node.nodeType === node.TEXT_NODE) nodes.push(...text(node.nodeValue ?? '', timestamps));
    else if (node.nodeType === node.ELEMENT_NODE)
      nodes.push(...element(node as Element, depth, timestamps));
  }
  return nodes;
}

function text(content: string, timestamps: boolean): MarkupNode[] {
  if (!timestamps) return [content];
  return splitAtTimestamps(content).map((part) =>
    typeof part === 'string' ? part : { kind: 'timestamp', ...part },
  );
}

function element(read: Element, depth: number, timestamps: boolean): MarkupNode[] {
  const tag = read.localName;
  if (UNREAD.has(tag)) return [];
  // Without a bound, deep nesting would overflow the stack.
  if (depth >= MAX_DEPTH) return text(read.textContent ?? '', timestamps);
  const href = tag === 'a' ? outward(read.getAttribute('href')) : undefined;
  if (href !== undefined)
    return [{ kind: 'link', href, children: children(read, depth + 1, false) }];
  if (!isPlain(tag)) return children(read, depth + 1, timestamps);
  const within = children(read, depth + 1, timestamps && tag !== 'code' && tag !== 'pre');
  const start = tag === 'ol' ? Number.parseInt(read.getAttribute('start') ?? '', 10) : NaN;
  return [
    { kind: 'element', tag, children: within, ...(Number.isSafeInteger(start) && { start }) },
  ];
}

/**
 * An address that leads to another site or to somebody's mail; nothing if it is another kind, or
 * relative.
 */
function outward(href: string | null): string | undefined {
  try {
    const url = new URL(href ?? '');
    return SCHEMES.has(url.protocol) ? url.href : undefined;
  } catch {
    return undefined;
  }
}
