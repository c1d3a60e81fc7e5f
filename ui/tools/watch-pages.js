// A stand-in for the library: the page of a clip in each of its states, and just enough of the API.
// `/c/<state>` is a page. `serveWatchPages` serves the built page with its Content-Security-Policy;
// `tools/demo.js` the sources, by Vite.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { changed, PENDING, LONG as LONG_TALK, MINUTE as TALK, SILENCE } from './talk.js';

const DIST = new URL('../dist/', import.meta.url).pathname;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  "connect-src 'self'; worker-src 'self' blob:; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const KINDS = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.mp4': 'video/mp4',
  '.jpg': 'image/jpeg',
};
/** The typeface that pages preload, by its key in the manifest. */
const FONT = 'node_modules/@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2';
const SECONDS = 60;
/** Pages stand still at this moment, so that pictures of them can be compared. */
export const NOW_MS = Date.UTC(2026, 4, 20, 9, 30);
const NOW = NOW_MS * 1000;
const MINUTE = 60e6;

const SUMMARY =
  '<p>Uploads carry on after anything. See <strong>0:20</strong> for the cut.</p>' +
  '<ul><li><strong>Offsets</strong> are asked for, never assumed</li><li>Retries wait with jitter</li></ul>';
const LONG =
  'How the scheduler decides which of the seventeen queues goes first, why that surprised everybody on Thursday, and what we could do instead_without_breaking_the_contract_that_all_of_the_older_clients_rely_on';

/**
 * @typedef {{ clip: object, replies: object[], reactions?: object[], transcript?: object | undefined, member?: string,
 * own?: string, events?: object[] }} Shown
 */

const clip = (more = {}) => ({
  title: 'Resumable uploads, walked through',
  summary: '…',
  summary_html: SUMMARY,
  author: 'Ada',
  recorded_at_us: NOW - 3 * 60 * MINUTE,
  state: 'ready',
  live: false,
  duration_us: SECONDS * 1e6,
  size_bytes: 12e6,
  width: 1280,
  height: 720,
  poster: '/media/poster.jpg',
  hls: '/media/none.m3u8',
  mp4: '/media/clip.mp4',
  replies: 0,
  ...more,
});

let replyCount = 0;
/** @type {(name: string, body: string, secs: number | null, more?: object) => any} */
const reply = (name, body, secs, more = {}) => ({
  id: `00000000-0000-7000-8000-${String(++replyCount).padStart(12, '0')}`,
  parent: null,
  name,
  member: false,
  body,
  body_html: `<p>${body}</p>`,
  anchor: secs === null ? null : { start_us: secs * 1e6 },
  created_at_us: NOW - replyCount * MINUTE,
  edited_at_us: null,
  mine: false,
  ...more,
});

function conversation() {
  const first = reply(
    'Grace',
    'Here the offset jumps: is that the <code>409</code>? Compare with 0:41.',
    12,
  );
  return [
    first,
    reply('Ada', 'Yes, the library had more than we thought.', null, {
      parent: first.id,
      mine: true,
    }),
    reply('Edsger Wybe', 'The diagram should name the lock.', 31, { edited_at_us: NOW }),
    reply('Grace', 'Same here.', 31.4),
    reply('Barbara', 'Thank you, this was clear.', null),
  ];
}

const reactions = () =>
  [
    ['thumbs_up', 5],
    ['clap', 5],
    ['thumbs_up', 22],
    ['celebrate', 48],
    ['celebrate', 48],
  ].map(([kind, secs], n) => ({
    id: `00000000-0000-7000-9000-00000000000${n}`,
    kind,
    at_us: Number(secs) * 1e6,
    name: n === 0 ? 'Grace' : null,
    mine: false,
  }));

const fifty = () =>
  Array.from({ length: 50 }, (_, n) =>
    reply(['Grace', 'Edsger', 'Barbara'][n % 3] ?? '', `Remark ${n + 1} of many.`, n * 1.2),
  );

const nothing = {
  hls: null,
  mp4: null,
  duration_us: 0,
  size_bytes: 0,
  width: 0,
  height: 0,
  poster: null,
};

const withTranscript = (/** @type {object} */ transcript, more = {}) => ({
  clip: clip({
    transcript: { version: 1, done: true },
    summary_by: { by: 'machine', model: 'extractive' },
    ...more,
  }),
  replies: conversation(),
  reactions: reactions(),
  transcript,
});
const MINE = { member: 'Ada', own: '00000000-0000-7000-8000-00000000000a' };

/** @type {Record<string, Shown>} */
const STATES = {
  ready: { clip: clip(), replies: conversation() },
  member: { clip: clip(), replies: conversation(), reactions: reactions(), member: 'Ada' },
  'no-replies': { clip: clip({ summary: '', summary_html: '' }), replies: [] },
  'fifty-replies': { clip: clip(), replies: fifty() },
  'long-title': {
    clip: clip({
      title: LONG,
      author: 'Somebody whose name is rather long as well, as names may be',
    }),
    replies: [reply(LONG, LONG, 3)],
  },
  untitled: { clip: clip({ title: '', poster: null }), replies: [] },
  recording: { clip: clip({ ...nothing, state: 'recording' }), replies: [] },
  awaited: { clip: clip({ ...nothing, state: 'arriving' }), replies: [] },
  arriving: { clip: clip({ state: 'arriving' }), replies: [] },
  live: { clip: clip({ state: 'recording', live: true }), replies: [] },
  interrupted: { clip: clip({ state: 'interrupted' }), replies: conversation() },
  broken: { clip: clip({ mp4: '/media/none.mp4' }), replies: [] },
  transcript: withTranscript(TALK),
  'transcript-mine': {
    ...withTranscript(TALK, { title_by: { by: 'machine', model: 'extractive' } }),
    ...MINE,
  },
  'transcript-pending': withTranscript(PENDING, {
    transcript: { version: 1, done: false },
    state: 'recording',
    live: true,
  }),
  'transcript-long': withTranscript(LONG_TALK),
  'transcript-empty': withTranscript(SILENCE),
  'transcript-unreachable': { ...withTranscript({}), transcript: undefined },
  read: withTranscript(TALK),
  'read-mine': { ...withTranscript(TALK), ...MINE },
  'read-long': withTranscript(LONG_TALK),
  'read-empty': withTranscript(SILENCE),
  gone: { clip: clip(), replies: conversation(), events: [{ event: 'gone' }] },
};

export const WATCH_STATES = Object.keys(STATES);

/** All replies as one page, with the moments of those that are pinned. */
const onePage = (/** @type {any[]} */ replies) => ({
  replies,
  moments: replies
    .filter(({ anchor, parent }) => anchor !== null && !parent)
    .map(({ id, anchor }) => ({ id, at_us: anchor.start_us })),
});

/** What the page loads as it was built: its styles, and its script. */
async function builtAssets() {
  const manifest = JSON.parse(await readFile(join(DIST, '.vite/manifest.json'), 'utf8'));
  const styles = new Set();
  const collect = (/** @type {string} */ name) => {
    const entry = manifest[name];
    entry.imports?.forEach(collect);
    entry.css?.forEach((/** @type {string} */ style) => styles.add(style));
  };
  collect('watch.html');
  return {
    styles:
      `<link rel="preload" as="font" type="font/woff2" href="/${manifest[FONT].file}" crossorigin>` +
      [...styles].map((style) => `<link rel="stylesheet" href="/${style}">`).join(''),
    script: `/${manifest['watch.html'].file}`,
  };
}

/** The page as it comes from the server, for its script to take over. */
export function watchPage(
  /** @type {string} */ key,
  /** @type {{ styles: string, script: string }} */ { styles, script },
) {
  const { clip, replies, reactions, member, own } = /** @type {Shown} */ (STATES[key]);
  const data = JSON.stringify({
    ...{
      key,
      library: 'Team',
      member: member ?? null,
      own: own ?? null,
      clip,
      replies: onePage(replies),
      reactions: reactions ?? [],
    },
  }).replaceAll('<', '\\u003c');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1"><title>A clip</title>
    ${styles}</head>
    <body class="page watch"><main id="app"></main><script type="application/json" id="clip">${data}</script>
    <script type="module" src="${script}"></script></body></html>`;
}

/** Makes a minute of moving test picture with sound, and its first picture. */
export async function makeVideo(/** @type {string} */ folder) {
  const ffmpeg = (/** @type {string[]} */ ...args) =>
    promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...args]);
  const mp4 = join(folder, 'clip.mp4');
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `testsrc2=size=1280x720:rate=10:duration=${SECONDS}`],
    ...[
      '-f',
      'lavfi',
      '-i',
      `sine=frequency=220:duration=${SECONDS}`,
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ],
    ...['-pix_fmt', 'yuv420p', '-g', '20', '-c:a', 'aac', '-movflags', '+faststart', mp4],
  );
  await ffmpeg('-i', mp4, '-frames:v', '1', join(folder, 'poster.jpg'));
}

/** Serves the states until `close` is called. */
export async function serveWatchPages() {
  const folder = await mkdtemp(join(tmpdir(), 'vignette-look-'));
  await makeVideo(folder);
  const server = createServer((request, response) => {
    answer(request, response, folder).catch((error) => response.writeHead(404).end(String(error)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function answer(
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
  /** @type {string} */ folder,
) {
  if (await answerApi(request, response)) return;
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const key = stateOf(pathname);
  if (key !== undefined) {
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': POLICY });
    response.end(watchPage(key, await builtAssets()));
  } else if (pathname === '/favicon.ico') {
    response.writeHead(204).end();
  } else if (!(await answerMedia(request, response, folder))) {
    await sendFile(request, response, join(DIST, normalize(pathname)));
  }
}

/** The state that a page's path names. */
export function stateOf(/** @type {string} */ pathname) {
  const [, key = ''] = /^\/c\/([\w-]+)$/.exec(pathname) ?? [];
  return key in STATES ? key : undefined;
}

/** Answers what the API is asked; gives whether it was. */
export async function answerApi(
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const json = (/** @type {unknown} */ value) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    return true;
  };
  const written = Object.values(STATES).find(
    ({ own }) => own && pathname === `/api/v1/clips/${own}/transcript`,
  );
  if (written && request.method === 'PATCH') {
    const pieces = [];
    for await (const piece of request) pieces.push(piece);
    written.transcript = changed(written.transcript, JSON.parse(Buffer.concat(pieces).toString()));
    return json(written.transcript);
  }
  const [, key = '', rest = ''] = /^\/api\/v1\/c\/([\w-]+)\/?(.*)$/.exec(pathname) ?? [];
  const shown = STATES[key];
  if (!shown) return false;
  if (rest === 'transcript' && shown.transcript) return json(shown.transcript);
  if (rest === 'replies' && request.method === 'GET') return json(onePage(shown.replies));
  if (rest === 'reactions' && request.method === 'GET')
    return json({ reactions: shown.reactions ?? [] });
  if (rest === '') return json(shown.clip);
  if (rest !== 'events') {
    response.writeHead(503).end();
    return true;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': here\n\n');
  for (const event of shown.events ?? []) {
    response.write(
      `event: ${'event' in event ? event.event : ''}\ndata: ${JSON.stringify(event)}\n\n`,
    );
  }
  return true;
}

/** Answers with the video or the poster; gives whether it was asked for. */
export async function answerMedia(
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
  /** @type {string} */ folder,
) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  if (!pathname.startsWith('/media/')) return false;
  await sendFile(request, response, join(folder, normalize(pathname.slice('/media/'.length))));
  return true;
}

/** Sends a file, or the range of it that is asked for. */
async function sendFile(
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
  /** @type {string} */ file,
) {
  const bytes = await readFile(file);
  response.setHeader(
    'content-type',
    KINDS[/** @type {keyof KINDS} */ (extname(file))] ?? 'application/octet-stream',
  );
  response.setHeader('accept-ranges', 'bytes');
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined) return response.end(bytes);
  const end = to ? Number(to) + 1 : bytes.length;
  response.writeHead(206, { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}` });
  response.end(bytes.subarray(Number(from), end));
}
