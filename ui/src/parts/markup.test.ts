// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { SECOND } from '../time';
import { type MarkupNode, readMarkup } from './markup';

/** Every element, link and text of a tree, from outside to inside. */
function* all(nodes: readonly MarkupNode[]): Generator<MarkupNode> {
  for (const node of nodes) {
    yield node;
    if (typeof node === 'object' && 'children' in node) yield* all(node.children);
  }
}

const textOf = (nodes: readonly MarkupNode[]): string =>
  nodes
    .map((node) =>
      typeof node === 'string'
        ? node
        : node.kind === 'timestamp'
          ? node.text
          : textOf(node.children),
    )
    .join('');

describe('what a library makes of Markdown', () => {
  it('is read whole', () => {
    const link = '<a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener ugc">here</a>';
    expect(
      readMarkup(`<p>So <em>it</em> is,<br>\nsee ${link}</p>\n<ol start="3"><li>x</li></ol>`),
    ).toEqual([
      {
        kind: 'element',
        tag: 'p',
        children: [
          'So ',
          { kind: 'element', tag: 'em', children: ['it'] },
          ' is,',
          { kind: 'element', tag: 'br', children: [] },
          '\nsee ',
          { kind: 'link', href: 'https://example.org/?a=1&b=2', children: ['here'] },
        ],
      },
      '\n',
      {
        kind: 'element',
        tag: 'ol',
        start: 3,
        children: [{ kind: 'element', tag: 'li', children: ['x'] }],
      },
    ]);
  });

  it('names timestamps, but not in code or links', () => {
    const html = '<p>At 1:23 <code>1:23</code> <a href="https://x.example/">1:23</a></p>';
    const timestamps = [...all(readMarkup(html))].filter(
      (node) => typeof node === 'object' && node.kind === 'timestamp',
    );
    expect(timestamps).toEqual([{ kind: 'timestamp', text: '1:23', at_us: 83 * SECOND }]);
  });
});

/** A request to this address would be one too many. */
const X = 'http://elsewhere.example/x';
const HOSTILE = [
  `<img src="${X}">`,
  `<img src=x onerror="fetch('${X}')">`,
  `<img srcset="${X} 2x">`,
  `<picture><source srcset="${X}"><img></picture>`,
  `<audio src="${X}" autoplay></audio>`,
  `<video src="${X}" poster="${X}"><source src="${X}"><track src="${X}"></video>`,
  `<svg><image href="${X}"/><use href="${X}#a"/><script>fetch('${X}')</script></svg>`,
  `<svg onload="fetch('${X}')"><a xlink:href="javascript:alert(1)"><text>t</text></a></svg>`,
  `<input type="image" src="${X}">`,
  `<table background="${X}"><tr><td background="${X}">t</td></tr></table>`,
  `<link rel="prefetch" href="${X}"><link rel="stylesheet" href="${X}"><link rel="dns-prefetch" href="${X}">`,
  `<meta http-equiv="refresh" content="0; url=${X}">`,
  `<base href="${X}"><a href="y">relative</a>`,
  `<form action="${X}"><button formaction="${X}">press</button></form>`,
  `<style>* { background: url(${X}) }</style>`,
  `<p style="background: url(${X})" class="a" id="b" onclick="fetch('${X}')">styled</p>`,
  `<iframe src="${X}" srcdoc="<script>parent.x = 1</script>"></iframe>`,
  `<object data="${X}"></object><embed src="${X}">`,
  `<script>fetch('${X}')</script><script src="${X}"></script>`,
  `<template><img src="${X}"></template>`,
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVa\tScRiPt:alert(1)">x</a>',
  '<a href="&#1;javascript:alert(1)">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>',
  '<a href="vbscript:msgbox">x</a>',
  '<a href="blob:http://localhost/1">x</a>',
  '<a href="//elsewhere.example/">x</a>',
  '<a href="tauri://localhost/">x</a>',
  '<a href="https://a.example/" target="_self" ping="http://elsewhere.example/x" download onclick="alert(1)">x</a>',
  // What another parser would read as an element (mutation XSS).
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<!--><img src=x onerror=alert(1)>-->',
  '<textarea></textarea><img src=x onerror=alert(1)></textarea>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<plaintext><img src=x onerror=alert(1)>',
];

describe('what a hostile library sends', () => {
  it.each(HOSTILE)('becomes plain elements, links outward and text: %s', (html) => {
    const tree = readMarkup(`<p>before</p>${html}`);
    for (const node of all(tree)) {
      if (typeof node === 'string' || node.kind === 'timestamp') continue;
      if (node.kind === 'link')
        expect(node).toEqual({ kind: 'link', href: 'https://a.example/', children: ['x'] });
      else {
        expect(node.tag).toMatch(/^(p|table|tbody|tr|td|em|br)$/);
        expect(Object.keys(node).sort()).toEqual(['children', 'kind', 'tag']);
      }
    }
    expect(textOf(tree)).toContain('before');
  });

  it('keeps its text where that can be read', () => {
    const plain = (html: string) => textOf(readMarkup(html));
    expect(plain('<section><font color=red>red</font> <b>bold</b></section>')).toBe('red bold');
    expect(plain('a<script>b</script><style>c</style>d')).toBe('ad');
    expect(plain('<a href="javascript:1">x</a>')).toBe('x');
  });

  it('is bounded in depth and length', () => {
    const deep = readMarkup('<blockquote>'.repeat(500) + 'within');
    expect([...all(deep)].length).toBeLessThan(40);
    expect(textOf(deep)).toBe('within');
    expect(textOf(readMarkup('x'.repeat(2_000_000))).length).toBe(1 << 20);
  });
});
