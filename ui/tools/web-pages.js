// The library's own pages, by the real server: one library that nobody has set up, an empty one, and
// one in use. They run in folders of their own and end with `close`.
import { execFile, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import process from 'node:process';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url).pathname;
const PROGRAM = process.env['VIGNETTE_LIBRARY'] ?? join(ROOT, 'target/debug/vignette-library');
/** What a recorder makes: 4 s. */
const STREAM = join(ROOT, 'crates/fmp4/tests/data/zerolatency.mp4');
const PASSWORD = 'correct horse battery';
const LONG = 'Somebody whose name is rather long, as the names of people may well be';
const TITLES = [
  'How the export works, and what it leaves out',
  'Login loop after changing the email address',
  'Zahlen des dritten Quartals',
  'مراجعة التصميم الجديد!',
];

/** @typedef {import('./states.js').State} State */

/** A library that runs, and a browser's way of talking to it. */
export class RunningLibrary {
  /** @param {string} folder @param {import('node:child_process').ChildProcess} process @param {string} url @param {string} link */
  constructor(folder, process, url, link) {
    this.folder = folder;
    this.process = process;
    this.url = url;
    /** The link that sets it up. */
    this.link = link;
  }

  static async start() {
    const folder = await mkdtemp(join(tmpdir(), 'vignette-look-library-'));
    const environment = { VIGNETTE_DATA: folder, VIGNETTE_TRIES_PER_MINUTE: '100000' };
    const child = spawn(PROGRAM, ['--listen', '127.0.0.1:0', '--log', 'error', 'serve'], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Also when a state cannot be made.
    process.once('exit', () => child.kill());
    let url = '';
    for await (const line of createInterface({ input: child.stdout })) {
      url ||= / is at (\S+?)\/?$/.exec(line)?.[1] ?? '';
      const link = line.trim();
      if (link.includes('/setup?secret=')) return new RunningLibrary(folder, child, url, link);
    }
    throw new Error(`${PROGRAM} does not serve`);
  }

  /** Runs a command of the library beside it; gives what it says. */
  async command(/** @type {string[]} */ ...args) {
    const environment = { ...process.env, VIGNETTE_DATA: this.folder };
    return (await promisify(execFile)(PROGRAM, args, { env: environment })).stdout.trim();
  }

  /** Sends a form; gives the cookie that comes with the answer. */
  async send(
    /** @type {string} */ path,
    /** @type {Record<string, string>} */ form,
    /** @type {string} */ cookie = '',
  ) {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, origin: this.url },
      body: new URLSearchParams(form),
    });
    if (answer.status !== 303) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
  }

  /** Makes an account by a link. */
  join(
    /** @type {string} */ link,
    /** @type {string} */ name,
    /** @type {Record<string, string>} */ more = {},
  ) {
    const secret = new URL(link).searchParams.get('secret') ?? '';
    return this.send('/setup', { secret, name, password: PASSWORD, ...more });
  }

  /** Adds a clip that plays. */
  async addClip(/** @type {string} */ token, /** @type {string} */ title) {
    const authorization = `Bearer ${token}`;
    const made = await fetch(`${this.url}/api/v1/clips`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ take: randomUUID(), title, recorded_at_us: Date.now() * 1000 }),
    });
    const { upload, key } = await made.json();
    const stream = await readFile(STREAM);
    const digest = `sha-256=:${createHash('sha256').update(stream).digest('base64')}:`;
    const sent = await fetch(new URL(upload, this.url), {
      method: 'PATCH',
      headers: {
        'content-type': 'application/partial-upload',
        'upload-offset': '0',
        'upload-complete': '?1',
        'content-digest': digest,
        'repr-digest': digest,
      },
      body: stream,
    });
    if (!sent.ok) throw new Error(`a clip is not taken: ${sent.status} ${await sent.text()}`);
    return key;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await ended;
    await rm(this.folder, { recursive: true });
  }
}

/** What a browser has that signed in. */
const signedIn = (/** @type {string} */ url, /** @type {string} */ cookie) => ({
  storageState: {
    origins: [],
    cookies: cookie.split('; ').map((pair) => ({
      name: pair.split('=')[0] ?? '',
      value: pair.split('=')[1] ?? '',
      domain: new URL(url).hostname,
      path: '/',
      expires: -1,
      httpOnly: true,
      secure: false,
      sameSite: /** @type {const} */ ('Lax'),
    })),
  },
});

/** Fills fields by their names and presses the form's button. */
const submit = (
  /** @type {Record<string, string>} */ fields,
  /** @type {string} */ button = 'main form button:not([type=button])',
) =>
  async function act(/** @type {import('playwright-core').Page} */ page) {
    // What the browser itself would refuse is for the server to refuse.
    await page.evaluate(() =>
      document.querySelectorAll('form').forEach((it) => (it.noValidate = true)),
    );
    for (const [name, value] of Object.entries(fields)) {
      await page.locator(`input[name=${name}]`).first().fill(value);
    }
    await page.locator(button).first().click();
    await page.waitForLoadState('load');
  };

/**
 * Starts what the wanted states need; none if the library is not built, which is said.
 *
 * @param {(name: string) => boolean} wanted
 * @returns {Promise<{ states: State[], close: () => Promise<void> }>}
 */
export async function startLibraries(wanted) {
  const none = { states: [], close: () => Promise.resolve() };
  if (!NAMES.some(wanted)) return none;
  if (!existsSync(PROGRAM)) {
    console.log(`${PROGRAM} is not built: no pictures of the library's own pages`);
    return none;
  }
  const [fresh, empty, used] = await Promise.all([
    RunningLibrary.start(),
    RunningLibrary.start(),
    RunningLibrary.start(),
  ]);
  const maria = await empty.join(empty.link, 'Maria', { library: 'Acme' });
  const ann = await used.join(used.link, 'Ann', { library: 'Acme & Söhne' });
  const invited = () => used.command('invite');
  const bob = await used.join(await invited(), 'Bob');
  for (const name of [LONG, 'نور', 'Suspended Sam', 'Gone Gloria']) {
    await used.join(await invited(), name, { login: name.split(' ').at(-1) ?? name });
  }
  await used.command('person', 'suspend', 'Sam');
  await used.command('person', 'remove', 'Gloria');
  const [openLink, resetLink] = [
    await invited(),
    await used.command('person', 'reset-password', 'Bob'),
  ];
  const token = await used.command('token', 'create', 'Laptop');
  const keys = [];
  for (const title of TITLES) keys.push(await used.addClip(token, title));
  await used.send(`/c/${keys[0]}/replies`, {
    name: 'Grace',
    text: 'Is that the `409`? See 0:02.',
    time: '0:02',
  });

  const asAnn = signedIn(used.url, ann);
  const asked = new URLSearchParams({
    response_type: 'code',
    code_challenge: createHash('sha256').update('a verifier').digest('base64url'),
    code_challenge_method: 'S256',
    redirect_uri: 'http://127.0.0.1:49152/signed-in',
    label: "Ann's laptop",
  });
  /** @type {Record<string, Omit<State, 'name'>>} */
  const pages = {
    'set-up': { url: fresh.link },
    'set-up-refused': {
      url: fresh.link,
      act: submit({ library: 'Acme', name: ' ', login: 'maria', password: PASSWORD }),
    },
    'first-steps': { url: `${empty.url}/`, options: signedIn(empty.url, maria) },
    join: { url: openLink },
    'join-refused': {
      url: openLink,
      act: submit({ name: 'Bob', login: 'bob', password: PASSWORD }),
    },
    'link-used': { url: `${used.url}/setup?secret=invite_x` },
    'sign-in': { url: `${used.url}/sign-in` },
    'sign-in-refused': {
      url: `${used.url}/sign-in`,
      act: submit({ login: 'ann', password: 'wrong' }),
    },
    reset: { url: resetLink },
    clips: { url: `${used.url}/`, options: asAnn },
    'clips-found': { url: `${used.url}/?q=export`, options: asAnn },
    'clips-not-found': { url: `${used.url}/?q=nowhere`, options: asAnn },
    'clip-without-script': {
      url: `${used.url}/c/${keys[0]}`,
      options: { javaScriptEnabled: false },
    },
    'no-such-clip': { url: `${used.url}/c/${'a'.repeat(26)}` },
    'no-such-page': { url: `${used.url}/nowhere` },
    'not-allowed': { url: `${used.url}/people`, options: signedIn(used.url, bob) },
    authorize: { url: `${used.url}/authorize?${asked}`, options: asAnn },
    account: { url: `${used.url}/account`, options: asAnn },
    'account-refused': { url: `${used.url}/account`, options: asAnn, act: submit({ name: ' ' }) },
    'account-token': {
      url: `${used.url}/account`,
      options: asAnn,
      act: submit({ label: 'Script' }, 'form[action="/tokens"] button:has-text("Make")'),
    },
    people: { url: `${used.url}/people`, options: asAnn },
    'people-invited': {
      url: `${used.url}/people`,
      options: asAnn,
      act: submit({}, 'button[value=invite]'),
    },
    'people-reset': {
      url: `${used.url}/people`,
      options: asAnn,
      act: submit({}, 'button[value=reset-password]'),
    },
    remove: {
      url: `${used.url}/people`,
      options: asAnn,
      act: submit({}, 'button[value=ask-to-remove]'),
    },
  };
  return {
    states: NAMES.flatMap((name) => {
      const page = pages[name];
      return page ? [{ name: `web/${name}`, real: true, ...page }] : [];
    }),
    async close() {
      await Promise.all([fresh.close(), empty.close(), used.close()]);
    },
  };
}

/** The states, before anything is started. */
export const NAMES = [
  ...['set-up', 'set-up-refused', 'first-steps', 'join', 'join-refused', 'link-used'],
  ...['sign-in', 'sign-in-refused', 'reset', 'clips', 'clips-found', 'clips-not-found'],
  ...['clip-without-script', 'no-such-clip', 'no-such-page', 'not-allowed', 'authorize'],
  ...['account', 'account-refused', 'account-token', 'people', 'people-invited', 'people-reset'],
  'remove',
];
