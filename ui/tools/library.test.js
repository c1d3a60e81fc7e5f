// The API client against a real server: what it asks, and what it makes of answers.
import { createServer } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Library } from '../src/api/library';
import { problemOf } from '../src/api/problem';

/** @type {{ line: string, headers: import('node:http').IncomingHttpHeaders, body: unknown }[]} */
let asked;
/** What the server answers next.
 * @type {{ status: number, body?: unknown, text?: string }} */
let answer;
/** @type {import('node:http').Server} */
let server;
/** @type {string} */
let base;

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: {} };
  server = createServer(async (request, response) => {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    const text = Buffer.concat(pieces).toString();
    const body = text === '' ? undefined : JSON.parse(text);
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body });
    response
      .writeHead(answer.status)
      .end(answer.text ?? (answer.body && JSON.stringify(answer.body)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** The problem with which a call ends. */
const problemIn = (/** @type {Promise<unknown>} */ call) =>
  call.then(() => Promise.reject(new Error('it was answered')), problemOf);

test('calls name what they are about, and carry the token', async () => {
  const library = new Library(base, 'secret');
  await library.clips();
  await library.clips('a/b&c');
  await library.search('“two words” & more', 40, new AbortController().signal);
  await library.transcript('key/../1');
  await library.changeClip('id', { title: 'New' });
  expect(asked.map(({ line }) => line)).toEqual([
    'GET /api/v1/clips',
    'GET /api/v1/clips?after=a%2Fb%26c',
    `GET /api/v1/search?q=${encodeURIComponent('“two words” & more')}&limit=40`,
    'GET /api/v1/c/key%2F..%2F1/transcript',
    'PATCH /api/v1/clips/id',
  ]);
  expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(
    new Set(['Bearer secret']),
  );
  expect(asked.at(-1)).toMatchObject({
    body: { title: 'New' },
    headers: { 'content-type': 'application/json' },
  });
  expect(asked[0]?.headers['content-type'], 'nothing is sent').toBeUndefined();
});

test("a guest's right goes along as a header, and an answer may be empty", async () => {
  const library = new Library(base);
  answer = { status: 204 };
  expect(await library.deleteReply('key', 'reply', 'right')).toBeUndefined();
  await library.deleteReply('key', 'reply');
  expect(asked.map(({ headers }) => headers['vignette-reply-secret'])).toEqual([
    'right',
    undefined,
  ]);
  expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
});

test('a refusal is the problem that the library tells', async () => {
  const problem = {
    code: 'not_found',
    message: 'There is no such clip.',
    help: 'Ask for the link.',
  };
  answer = { status: 404, body: problem };
  expect(await problemIn(new Library(base).clip('key'))).toEqual(problem);
});

test('an answer that is not the library’s is a problem as well', async () => {
  const library = new Library(base);
  answer = { status: 502, text: '<h1>Bad gateway</h1>' };
  expect(await problemIn(library.me())).toMatchObject({
    code: 'internal',
    message: 'The library answered 502.',
  });
  answer = { status: 503, text: '' };
  expect(await problemIn(library.me())).toMatchObject({ message: 'The library answered 503.' });
  answer = { status: 200, text: '<h1>Sign in to the Wi-Fi</h1>' };
  expect(await problemIn(library.me())).toMatchObject({
    message: "The library's answer cannot be read.",
  });
});

test('no answer, or a call that was ended, is an unreachable library', async () => {
  const library = new Library(base);
  expect(await problemIn(library.search('x', 1, AbortSignal.abort()))).toMatchObject({
    code: 'unreachable',
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(await problemIn(library.me())).toMatchObject({ code: 'unreachable' });
});
