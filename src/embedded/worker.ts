/**
 * The worker thread. The engine computes without yielding, so it has a thread of its own, with the TCP server in it.
 */

import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { parentPort, threadId, workerData, type MessagePort } from 'node:worker_threads';
import { Engine } from './engine.js';
import type { CompiledEngine } from './pglite.js';
import { serve } from './server.js';

/** Makes the files of an empty database, says `created` and ends. */
export interface CreateJob {
  job: 'create';
  engine: CompiledEngine;
}

/** Serves a data folder, or an archive of one in memory, until it is told to stop. */
export interface ServeJob {
  job: 'serve';
  engine: CompiledEngine;
  folder: string | undefined;
  archive: Uint8Array | undefined;
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
  const archive = (await Engine.open({ engine })).dump();
  port.postMessage({ is: 'created', archive } satisfies FromWorker, [archive.buffer as ArrayBuffer]);
  port.close();
}

async function startServing(port: MessagePort, { archive, ...job }: ServeJob): Promise<void> {
  const say = (message: FromWorker): void => port.postMessage(message);
  const bytes = archive && Buffer.from(archive.buffer, archive.byteOffset, archive.length);
  const engine = await Engine.open({ ...job, archive: bytes });
  const serving = await serve(engine, { ...job, onDeath: (death) => say(failure(death, true)) });
  const saveAs = async (file: string): Promise<void> => {
    // Whoever finds the file finds all of it.
    const unfinished = `${file}.${process.pid}.${threadId}.tmp`;
    try {
      writeFileSync(unfinished, await serving.exclusively(() => engine.dump()));
      renameSync(unfinished, file);
    } finally {
      rmSync(unfinished, { force: true });
    }
    say({ is: 'saved' });
  };
  const stop = async (): Promise<void> => {
    await serving.close();
    // What is in memory is about to vanish: no need to tidy it up.
    if (job.folder !== undefined) await engine.close();
    say({ is: 'stopped' });
    port.close();
  };
  port.on('message', (message: ToWorker) => {
    const work = message.do === 'snapshot' ? saveAs(message.file) : stop();
    work.catch((error: unknown) => say(failure(error, false)));
  });
  say({ is: 'ready', port: serving.port });
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
