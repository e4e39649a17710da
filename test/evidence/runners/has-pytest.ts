import { execFileSync } from 'node:child_process';

/** Returns whether the Python that sandboxes have on this machine can load pytest. */
export function hasPytest(): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', 'import pytest'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
