import { splitWords } from './split-script.js';

/** Programs that run another program, with those of their options that take a value. */
const runners: Record<string, string[]> = {
  env: ['-u'],
  exec: [],
  command: [],
  time: ['-f', '-o'],
  nice: ['-n'],
  timeout: ['-s', '-k', '--signal', '--kill-after'],
  'xvfb-run': ['-s', '-e', '-n', '--server-args', '--server-num'],
  'dbus-run-session': [],
  npx: ['-p', '--package', '-c'],
  bunx: ['-p', '--package'],
  pnpx: [],
  'cross-env': [],
  'cross-env-shell': [],
  'env-cmd': ['-f', '-e', '-r'],
  dotenv: ['-e', '-c', '-v', '-p', '-f'],
  dotenvx: ['-f'],
  nyc: ['-r', '--reporter', '--temp-dir', '--report-dir', '--exclude', '--include'],
  c8: ['-r', '--reporter', '--temp-directory', '--exclude', '--include', '-x', '-n'],
};
/** Programs whose subcommand runs another program. */
const subcommands: Record<string, RegExp> = {
  poetry: /^run$/,
  pipenv: /^run$/,
  pdm: /^run$/,
  rye: /^run$/,
  uv: /^run$/,
  hatch: /^run$/,
  bundle: /^exec$/,
  pnpm: /^(?:exec|dlx)$/,
  yarn: /^(?:exec|dlx)$/,
  npm: /^exec$/,
  bun: /^x$/,
  dotenvx: /^run$/,
  doppler: /^run$/,
  mise: /^(?:exec|x)$/,
};
const subcommandOptions = ['--extra', '--group', '--with', '--python', '-p', '--package', '-e', '-f'];

/**
 * Returns the words of the program that does the work, without the programs and the variables before it.
 * `cross-env A=b nyc mocha test` becomes `mocha test`.
 */
export function stripPrefixes(words: readonly string[]): string[] {
  let rest = [...words];
  for (let round = 0; round < 10; round++) {
    while (/^[A-Za-z_]\w*=/.test(rest[0] ?? '')) rest.shift();
    const [program = '', next = ''] = rest;
    const isShell = /^(?:ba|da)?sh$/.test(program);
    if (isShell && /^-[a-z]*c$/.test(next)) {
      rest = splitWords(rest[2] ?? '');
      continue;
    }
    const options = Object.hasOwn(runners, program) ? runners[program] : undefined;
    const subcommand = Object.hasOwn(subcommands, program) ? subcommands[program] : undefined;
    if (options && !(program === 'nyc' && /^(?:report|check-coverage|merge)$/.test(next)))
      rest = skipOptions(rest.slice(1), options);
    else if (subcommand?.test(next)) rest = skipOptions(rest.slice(2), subcommandOptions);
    else return rest;
    // `timeout` has a time before the program.
    if (program === 'timeout') rest.shift();
  }
  return rest;
}

function skipOptions(words: readonly string[], withValue: readonly string[]): string[] {
  let at = 0;
  while (at < words.length) {
    const word = words[at] ?? '';
    if (word === '--') return words.slice(at + 1);
    if (!word.startsWith('-')) break;
    at += withValue.includes(word) ? 2 : 1;
  }
  return words.slice(at);
}
