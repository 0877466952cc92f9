#!/usr/bin/env node
'use strict';

// Before anything else is loaded: the two threads load side by side.
if (process.argv[2] === 'run') require('../dist/session/tracer-worker.js').warmUp();

void require('../dist/main.js').main(process.argv.slice(2));
