/** What a process has, for a while: what it prints, its environment, a port. */
import { createServer } from 'node:net';

export interface Printed {
  stdout: string;
  stderr: string;
}

/** Keeps what this process prints from now on. @returns what ends that */
export function capture(onText: (name: keyof Printed, text: string) => void): () => void {
  const writing = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (text: string | Uint8Array) => {
      onText(name, typeof text === 'string' ? text : Buffer.from(text).toString());
      return true;
    };
    return () => void (stream.write = write);
  });
  return () => {
    for (const restore of writing) restore();
  };
}

/** Makes the environment of this process what is given: also that of native code, which knows no other object. */
export function setEnvironment(wanted: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in wanted)) delete process.env[name];
  Object.assign(process.env, wanted);
}

export function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => found(port));
    });
  });
}
