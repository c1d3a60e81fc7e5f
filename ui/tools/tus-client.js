// Uploads a stream with tus-js-client in every mode of it, and prints the name of each mode that
// did what it should.
//
//     node tools/tus-client.js http://127.0.0.1:8455 lib_… stream.mp4
import { createReadStream, readFileSync } from 'node:fs';
import process from 'node:process';
import { PassThrough } from 'node:stream';
import * as tus from 'tus-js-client';

/**
 * The client's types leave out what it may be given beside files (streams of Node), and one option.
 *
 * @typedef {Partial<tus.UploadOptions> & { protocol?: string }} Options
 */

const [url = '', token = '', file = ''] = process.argv.slice(2);
const bytes = readFileSync(file);
const usual = {
  endpoint: `${url}/api/v1/uploads`,
  headers: { authorization: `Bearer ${token}` },
  retryDelays: null,
  metadata: { filename: 'talk.mp4' },
};
// A few requests for each upload, none of which ends where a fragment does.
const chunkSize = Math.ceil(bytes.length / 3) + 1;

/**
 * Uploads `source`; gives the upload once it is done.
 *
 * @type {(source: any, options: Options) => Promise<tus.Upload>}
 */
function uploaded(source, options) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(source, {
      ...usual,
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload),
    });
    upload.start();
  });
}

/**
 * Uploads a chunk, then stops; gives the upload.
 *
 * @type {(terminate: boolean) => Promise<tus.Upload>}
 */
function stopped(terminate) {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(bytes, {
      ...usual,
      chunkSize,
      onError: reject,
      onSuccess: () => reject(new Error('it went on to the end')),
      onChunkComplete: () => upload.abort(terminate).then(() => resolve(upload), reject),
    });
    upload.start();
  });
}

/**
 * What an upload is refused with.
 *
 * @type {(source: any, options: Options) => Promise<{ status: number, problem: any }>}
 */
async function refused(source, options) {
  const error = await uploaded(source, options).then(
    () => null,
    (error) => error,
  );
  const answer = error?.originalResponse;
  if (!answer) throw new Error(`it should be refused, not: ${error}`);
  return { status: answer.getStatus(), problem: JSON.parse(answer.getBody()) };
}

/** @type {(what: string, got: unknown, wanted: unknown) => void} */
function expect(what, got, wanted) {
  if (got !== wanted) throw new Error(`${what} is ${got}, not ${wanted}`);
}

const modes = {
  plain: () => uploaded(bytes, {}),
  chunks: () => uploaded(bytes, { chunkSize }),
  // As something that is being recorded: nobody knows yet how long it will be.
  'deferred length': () =>
    uploaded(createReadStream(file).pipe(new PassThrough()), {
      uploadLengthDeferred: true,
      chunkSize,
    }),
  'data with creation': () => uploaded(bytes, { uploadDataDuringCreation: true }),
  'chunks, the first with creation': () =>
    uploaded(bytes, { uploadDataDuringCreation: true, chunkSize }),
  'method override': () => uploaded(bytes, { overridePatchMethod: true, chunkSize }),
  resumed: async () => {
    const upload = await stopped(false);
    await uploaded(bytes, { uploadUrl: upload.url, endpoint: null });
  },
  terminated: async () => {
    const upload = await stopped(true);
    const answer = await fetch(upload.url ?? '', {
      method: 'HEAD',
      headers: { 'tus-resumable': '1.0.0' },
    });
    expect('the status after termination', answer.status, 404);
  },
  'draft -03': () => uploaded(bytes, { protocol: 'ietf-draft-03', chunkSize }),
  'draft -05': () => uploaded(bytes, { protocol: 'ietf-draft-05', chunkSize }),
  'draft -05, data with creation': () =>
    uploaded(bytes, { protocol: 'ietf-draft-05', uploadDataDuringCreation: true, chunkSize }),
  'parallel uploads are refused': async () => {
    const { status, problem } = await refused(bytes, { parallelUploads: 2 });
    expect('the status', status, 400);
    expect('what helps', problem.help, 'Upload the stream as one, without parallel uploads.');
  },
  'another container is refused': async () => {
    const { status, problem } = await refused(Buffer.from('RIFF....AVI LIST'), {
      uploadDataDuringCreation: true,
    });
    expect('the status', status, 422);
    expect('the code', problem.code, 'not_a_stream');
  },
};

for (const [name, mode] of Object.entries(modes)) {
  try {
    await mode();
    process.stdout.write(`${name}\n`);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}
// The client keeps its connections.
process.exit();
