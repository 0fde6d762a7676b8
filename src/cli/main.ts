#!/usr/bin/env node
/** The command `btcdb`. */
import { CommanderError } from 'commander';
import { loadEnvironment } from './console/environment.js';
import { reportError, UsageError } from './console/failure.js';
import { newProgram } from './program.js';

const program = newProgram();

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

try {
  loadEnvironment();
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message, or the help that was asked for.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    reportError(error, program.opts<{ verbose?: boolean }>().verbose === true || Boolean(process.env['DEBUG']));
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
