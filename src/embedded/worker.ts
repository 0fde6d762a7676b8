/**
 * The worker thread. The engine computes without yielding, so it has a thread of its own, with the TCP server in it.
 */

import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { replaceFile } from '../disk/durable.js';
import { blankArchive } from './blank.js';
import { Databases } from './databases.js';
import { Engine, mainDatabase } from './engine.js';
import type { CompiledEngine } from './pglite.js';
import { serve } from './server.js';

/** Makes the files of an empty database, says `created` and ends. */
export interface CreateJob {
  job: 'create';
  engine: CompiledEngine;
}

/** Serves the databases of a folder, or one in memory, until it is told to stop. */
export interface ServeJob {
  job: 'serve';
  engine: CompiledEngine;
  folder: string | undefined;
  /** What the database in memory starts from. */
  archive: Uint8Array | undefined;
  cacheDir: string | undefined;
  host: string;
  port: number;
  waitTimeoutMs: number;
}

export type ToWorker = { do: 'snapshot'; file: string } | { do: 'stop' };

export type FromWorker =
  | { is: 'created'; archive: Uint8Array }
  | { is: 'ready'; port: number }
  | { is: 'saved' }
  | { is: 'stopped' }
  /** What was asked for has failed; `final` when nothing else can be asked for any more. */
  | { is: 'failed'; message: string; code: string | undefined; final: boolean };

async function create(port: MessagePort, { engine }: CreateJob): Promise<void> {
  const archive = (await Engine.open({ engine, database: mainDatabase })).dump();
  port.postMessage({ is: 'created', archive } satisfies FromWorker, [archive.buffer as ArrayBuffer]);
  port.close();
}

async function startServing(port: MessagePort, { archive, ...job }: ServeJob): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  const databases = new Databases({
    ...job,
    archive: archive && Buffer.from(archive.buffer, archive.byteOffset, archive.length),
    blank: blanks(job.cacheDir),
    onDeath: (death) => say(failure(death, true)),
  });
  // What is wrong with a folder shows here. In memory an engine starts when it is needed.
  if (job.folder !== undefined) await databases.main();
  const serving = await serve(databases, job);
  const saveAs = async (file: string): Promise<void> => {
    const database = await databases.main();
    replaceFile(file, (await database.exclusively(() => database.engine.dump(), { patient: true }))!);
    say({ is: 'saved' });
  };
  const stop = async (): Promise<void> => {
    await serving.close();
    // What is in memory is about to vanish: no need to tidy it up.
    if (job.folder !== undefined) await databases.close();
    say({ is: 'stopped' });
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    const work = message.do === 'snapshot' ? saveAs(message.file) : stop();
    work.catch((error: unknown) => say(failure(error, false)));
  });
  say({ is: 'ready', port: serving.port });
}

/** Gives the files of an empty database, each time as a copy of its own. */
function blanks(cacheDir: string | undefined): () => Promise<Buffer> {
  if (cacheDir !== undefined) return () => blankArchive(cacheDir);
  let made: Promise<Buffer> | undefined;
  return async () => Buffer.from(await (made ??= blankArchive()));
}

function failure(error: unknown, final: boolean): FromWorker {
  const { message = String(error), code } = error as NodeJS.ErrnoException;
  return { is: 'failed', message, code, final };
}

if (!parentPort) throw new Error('This module is the worker thread of the embedded engine: use startEmbedded().');
const port = parentPort;
const job = workerData as CreateJob | ServeJob;
(job.job === 'create' ? create(port, job) : startServing(port, job)).catch((error: unknown) => {
  port.postMessage(failure(error, true));
  port.close();
});
