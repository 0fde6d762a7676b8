/** Processes beside the loop. They talk by messages, and end themselves when the loop is gone. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Child {
  /** Resolves when the process has ended. */
  stop(): Promise<void>;
}

export interface ChildOptions<Message> {
  readonly root: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onMessage: (message: Message) => void;
  /** It has ended by itself; with the end of what it wrote on standard error. */
  readonly onExit?: (output: string) => void;
}

/** How much of what a child says is kept. */
const keptOutput = 2_000;

/** Starts a module of this folder, such as `typecheck-process`. */
export function startChild<Message>(module: string, { root, env, onMessage, onExit }: ChildOptions<Message>): Child {
  const child = fork(fileURLToPath(new URL(`./${module}.js`, import.meta.url)), [], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let isStopping = false;
  let output = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-keptOutput);
  });
  child.on('message', (message) => {
    if (!isStopping) onMessage(message as Message);
  });
  const ended = new Promise<void>((done) => {
    child.on('error', (error) => {
      output += error.message;
      done();
    });
    child.on('close', () => done());
  });
  void ended.then(() => {
    if (!isStopping) onExit?.(output.trim());
  });
  return {
    stop() {
      isStopping = true;
      child.kill();
      return ended;
    },
  };
}

/** In the child: sends messages to the loop. */
export function toLoop<Message>(): (message: Message) => void {
  process.on('disconnect', () => process.exit());
  // Ctrl-C reaches all processes of a terminal; the loop ends this one.
  process.on('SIGINT', () => undefined);
  return (message) => void process.send?.(message);
}
