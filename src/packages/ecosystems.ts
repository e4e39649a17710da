import { cargo } from './cargo/cargo-packages.js';
import type { Ecosystem } from './ecosystem.js';
import { go } from './go/go-packages.js';
import { node } from './node/node-packages.js';
import { composer } from './php/composer.js';
import { python } from './python/python-packages.js';
import { bundler } from './ruby/bundler.js';

/** All package managers that can add packages. */
export const ecosystems: readonly Ecosystem[] = [node, python, go, cargo, bundler, composer];
