// Changes the source of libraries that cannot be changed after they were loaded.
'use strict';
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

/**
 * @param edits the libraries: a pattern of their files, and the name of the file that changes their source
 */
exports.editModules = (edits) => {
  for (const { edits: name } of edits) require(`./${name}`).attach();
  const edit = exports.createEditor(edits);
  const known = new RegExp(edits.map(({ script }) => script).join('|'));
  const { load } = Module.prototype;
  Module.prototype.load = function loadEdited(file, ...words) {
    if (!known.test(file)) return load.call(this, file, ...words);
    const compile = this._compile;
    this._compile = (source, name, ...more) => compile.call(this, edit(name, source), name, ...more);
    try {
      return load.call(this, file, ...words);
    } finally {
      delete this._compile;
    }
  };
  if (Module.registerHooks)
    Module.registerHooks({ load: (url, context, next) => exports.editLoaded(edit, url, next(url, context)) });
  else if (Module.register)
    Module.register(pathToFileURL(path.join(__dirname, 'edit-hooks.mjs')), { data: edits });
};

exports.createEditor = (edits) => (file, source) => {
  const found = edits.find(({ script }) => new RegExp(script).test(file));
  return found ? require(`./${found.edits}`).edit(source) : source;
};

/** Changes a loaded ES module. */
exports.editLoaded = (edit, url, loaded) => {
  if (loaded.format !== 'module' || !loaded.source) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source).toString();
  return Object.assign({}, loaded, { source: edit(url, source) });
};
