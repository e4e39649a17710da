// Observes the events of Japa, which it sends with the library Emittery.
'use strict';
const { openCases } = require('./open-cases.cjs');

exports.edit = (source) => `${source}\nif (process.pullwrightJapa) process.pullwrightJapa(Emittery);\n`;

exports.attach = () => {
  let cases;
  let group = null;
  const observe = (event, data) => {
    if (event === 'group:start') group = data.title;
    if (event === 'group:end') group = null;
    if (!/^(?:test|group|suite|runner):end$/.test(event) || !data) return;
    cases = cases || openCases('japa');
    const { write, end } = cases;
    const { meta = {}, errors = [] } = data;
    const [{ phase, error } = {}] = errors;
    const file = meta.fileName || null;
    if (event === 'runner:end') end();
    else if (event === 'test:end') {
      const names = [group, data.title.expanded].filter(Boolean);
      const outcome = data.hasError ? 'failed' : data.isSkipped || data.isTodo ? 'skipped' : 'passed';
      write(file, names, outcome, error);
    } else if (errors.length > 0) write(file, [data.title || data.name, phase], 'failed', error);
  };
  process.pullwrightJapa = ({ prototype }) => {
    const { emit } = prototype;
    prototype.emit = function emitAndObserve(event, data, ...more) {
      observe(String(event), data);
      return emit.call(this, event, data, ...more);
    };
  };
};
