/**
 * Loaded first in every process of a test run, commands included. V8 optimizes the functions of the engine that run often, which
 * costs a short process a third of its time: here they stay as its baseline compiler makes them.
 */
import v8 = require('node:v8');

v8.setFlagsFromString('--no-wasm-tier-up');
v8.setFlagsFromString('--no-wasm-dynamic-tiering');
