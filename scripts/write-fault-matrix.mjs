/** Runs the faults, and writes the table of `docs/state.md`. */
import { runVitest } from './run-vitest.mjs';

runVitest(['--project', 'e2e', 'test/contract/fault-matrix'], { WRITE_FAULT_MATRIX: '1' });
