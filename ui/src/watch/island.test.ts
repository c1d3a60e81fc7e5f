import { JSDOM } from 'jsdom';
import { describe, expect, it, test } from 'vitest';
import { urlFor, asksToRead, readIsland, startTime } from './island';

describe('the moment in a link', () => {
  it.each([
    ['?t=83', '', 83_000_000],
    ['?t=83.2', '', 83_200_000],
    ['', '#t=5', 5_000_000],
    ['', '', undefined],
    ['?t=', '', undefined],
    ['?t=-1', '', undefined],
    ['?t=soon', '', undefined],
    ['?t=1:32', '', 92_000_000],
    ['?t=1%3A02%3A03', '', 3_723_000_000],
    ['?t=1m32s', '', 92_000_000],
    ['?t=2h', '', 7_200_000_000],
    ['?t=1h05s', '', 3_605_000_000],
    ['?t=90s', '', 90_000_000],
    ['?t=1:99', '', undefined],
    ['?t=s', '', undefined],
    ['?t=5s1m', '', undefined],
    ['', '#t=1:32', 92_000_000],
  ])('%s%s', (search, hash, at_us) => {
    expect(startTime({ search, hash })).toBe(at_us);
  });
});

describe('the way to read a clip', () => {
  const at = { pathname: '/c/key', search: '?t=5', hash: '' };

  it('is part of the address, beside what was there', () => {
    expect(urlFor(true, at)).toBe('/c/key?t=5&view=read');
    expect(urlFor(false, { ...at, search: '?view=read' })).toBe('/c/key');
    expect(asksToRead({ search: '?t=5&view=read' })).toBe(true);
    expect(asksToRead(at)).toBe(false);
  });
});

test('the text of a reply is taken from the page that shows it', () => {
  const page = (article: string, reply: object) =>
    new JSDOM(
      `${article}<script type="application/json" id="clip">${JSON.stringify({
        key: 'key',
        replies: { replies: [{ id: '1', name: 'Gus', ...reply }] },
      })}</script>`,
    ).window.document;
  const article =
    '<article id="reply-1"><p>Gus</p><div class="markup"><p>So <b>it</b> is</p></div></article>';
  expect(readIsland(page(article, {}))?.replies.replies).toMatchObject([
    { name: 'Gus', body: '', body_html: '<p>So <b>it</b> is</p>' },
  ]);
  expect(
    readIsland(page('', { body: 'So', body_html: '<p>So</p>' }))?.replies.replies,
    'of a page that shows later ones',
  ).toMatchObject([{ body: 'So', body_html: '<p>So</p>' }]);
});
