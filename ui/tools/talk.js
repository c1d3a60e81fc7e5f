// Transcripts for the pictures: a minute about uploads, and a talk of two hours.

const SENTENCES = [
  [0.4, 'Hi, this is a short walk through how uploads carry on after anything.'],
  [4.6, 'Until last week, a recorder that lost its network began again from the beginning.'],
  [9.2, 'That is fine for a minute, and it is hopeless for an hour.'],
  [13.1, 'So the first thing that changed is that offsets are asked for, never assumed.'],
  [
    18.0,
    'The library answers with the number of bytes that it has made durable, and the recorder goes on exactly there, even if it was killed and started again in between.',
  ],
  [27.4, 'If two recorders write at once, one of them gets a conflict with the true offset.'],
  [
    32.2,
    'Second, retries wait with jitter, so that a hundred recorders do not come back in the same second.',
  ],
  [38.9, 'Ada, could you look at the diagram and name the lock in it by Friday?'],
  [43.7, 'And I will write the benchmark for slow networks tomorrow.'],
  [48.2, 'Third, the list says where the bytes are: on this computer, on their way, or safe.'],
  [54.0, 'That is all. Tell me what you think, right at the second where you think it.'],
];

/** @type {(start: number, end: number, text: string, more?: object) => object} */
const cue = (start, end, text, more = {}) => ({
  start_us: Math.round(start * 1e6),
  end_us: Math.round(end * 1e6),
  text,
  edited: false,
  ...more,
});

const machine = (/** @type {string} */ model) => ({ by: 'machine', model });

export const MINUTE = {
  done: true,
  language: 'en',
  transcribed_by: 'whisper-base.en',
  cues: SENTENCES.map(([start, text], n) =>
    cue(Number(start), Number(SENTENCES[n + 1]?.[0] ?? 59.2) - 0.2, String(text), {
      edited: n === 6,
    }),
  ),
  chapters: [
    { start_us: 0, title: 'What was wrong' },
    { start_us: 13.1e6, title: 'Offsets are asked for' },
    { start_us: 32.2e6, title: 'Retries, and who does what' },
    { start_us: 48.2e6, title: 'Where the bytes are' },
  ],
  chapters_by: machine('extractive'),
  tasks: [
    { at_us: 38.9e6, text: 'Name the lock in the diagram', owner: 'Ada', due: 'Friday' },
    { at_us: 43.7e6, text: 'Write the benchmark for slow networks', owner: 'me', due: 'tomorrow' },
  ],
  tasks_by: machine('extractive'),
};

export const PENDING = {
  ...MINUTE,
  done: false,
  cues: MINUTE.cues.slice(0, 5),
  chapters: [],
  chapters_by: null,
  tasks: [],
  tasks_by: null,
};

const LONG_CUES = 2000;

export const LONG = {
  ...MINUTE,
  cues: Array.from({ length: LONG_CUES }, (_, n) =>
    cue(
      n * 3.6,
      n * 3.6 + 3.4,
      String(SENTENCES[n % SENTENCES.length]?.[1]).replace(/\.$/, `, for the ${n + 1}th time.`),
    ),
  ),
  chapters: Array.from({ length: 24 }, (_, n) => ({
    start_us: n * 300e6,
    title: `Part ${n + 1}: ${SENTENCES[n % 11]?.[1]}`,
  })),
};

export const SILENCE = {
  ...MINUTE,
  cues: [],
  chapters: [],
  tasks: [],
  chapters_by: null,
  tasks_by: null,
};

/** What the API makes of an author's change. */
export function changed(
  /** @type {any} */ view,
  /** @type {any} */ { cues = [], chapters, tasks },
) {
  const written = new Map(cues.map((/** @type {any} */ c) => [c.start_us, c.text]));
  return {
    ...view,
    cues: view.cues
      .filter((/** @type {any} */ c) => written.get(c.start_us) !== null)
      .map((/** @type {any} */ c) =>
        written.has(c.start_us)
          ? { ...c, text: written.get(c.start_us), edited: true, word_starts_us: [] }
          : c,
      ),
    ...(chapters && { chapters, chapters_by: { by: 'person' } }),
    ...(tasks && { tasks, tasks_by: { by: 'person' } }),
  };
}
