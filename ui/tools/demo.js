// The pages from their sources, without a shell or a library: every state of the window and of a
// clip's page, reloaded as the sources change.
//
//     npm run dev:demo
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'vite';
import {
  answerApi,
  answerMedia,
  makeVideo,
  stateOf,
  WATCH_STATES,
  watchPage,
} from './watch-pages.js';

const ROOT = new URL('..', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'vignette-demo-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
await makeVideo(folder).catch(() =>
  console.log('ffmpeg is missing: the clips are here, but do not play.'),
);

/** @type {import('vite').Plugin} */
const pages = {
  name: 'demo-pages',
  configureServer(vite) {
    vite.middlewares.use((request, response, next) => {
      answer(vite, request, response).then(
        (answered) => answered || next(),
        (error) => response.writeHead(404).end(String(error)),
      );
    });
  },
};

const vite = await createServer({ root: ROOT, plugins: [pages], server: { strictPort: false } });
await vite.listen();
const { DEMO_STATES } = await vite.ssrLoadModule('/src/host/demo.ts');
const paths = [
  ...DEMO_STATES.map((/** @type {string} */ state) => `/desktop.html?state=${state}`),
  ...WATCH_STATES.map((state) => `/c/${state}`),
];
for (const address of vite.resolvedUrls?.local ?? []) {
  console.log(`All states:  ${address}`);
  console.log(`The window:  ${new URL(paths[0] ?? '', address)}`);
  console.log(`A clip:      ${new URL('/c/ready', address)}`);
}
console.log('Ctrl-C ends it.');
// Vite ends by itself on SIGTERM, not on Ctrl-C.
process.once('SIGINT', () => void vite.close().finally(() => process.exit()));

/** Answers what is not a source; gives whether it was asked for. */
async function answer(
  /** @type {import('vite').ViteDevServer} */ vite,
  /** @type {import('node:http').IncomingMessage} */ request,
  /** @type {import('node:http').ServerResponse} */ response,
) {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const state = stateOf(pathname);
  if (pathname !== '/' && state === undefined)
    return (await answerApi(request, response)) || answerMedia(request, response, folder);
  const html =
    state === undefined ? index() : watchPage(state, { styles: '', script: '/src/watch/main.ts' });
  const page = await vite.transformIndexHtml(request.url ?? '/', html);
  response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  return true;
}

function index() {
  const links = paths.map((path) => `<li><a href="${path}">${path}</a></li>`).join('');
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>States</title>
    <link rel="stylesheet" href="/src/page.css"></head>
    <body class="page"><main><h1>States</h1><ul>${links}</ul></main></body></html>`;
}
