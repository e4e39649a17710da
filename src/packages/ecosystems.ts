import type { Ecosystem } from './ecosystem.js';
import { node } from './node/node-packages.js';
import { composer } from './php/composer.js';
import { pip } from './python/pip-packages.js';
import { bundler } from './ruby/bundler.js';

/** All package managers that can add packages. */
export const ecosystems: readonly Ecosystem[] = [node, pip, bundler, composer];
