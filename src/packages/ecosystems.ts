import type { Ecosystem } from './ecosystem.js';
import { node } from './node/node-packages.js';
import { python } from './python/python-packages.js';

/** All package managers that can add packages. */
export const ecosystems: readonly Ecosystem[] = [node, python];
