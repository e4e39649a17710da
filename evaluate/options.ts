import { parseArgs } from 'node:util';
import { type Replay, replays } from './attempt/replay.js';
import { InputError } from './task.js';

export type Options =
  | {
      command: 'run';
      tasks: string;
      repositories: string;
      out: string;
      repeats: number;
      maxDollars: number | null;
      model: string | null;
      replay: Replay | null;
      only: string[] | null;
    }
  | { command: 'report'; file: string }
  | { command: 'compare'; a: string; b: string }
  | { command: 'check'; tasks: string; repositories: string; only: string[] | null }
  | { command: 'make-catalog'; catalog: string; repositories: string; out: string; only: string[] | null }
  | {
      command: 'make';
      repository: string;
      fix: string;
      issue: string;
      repo: string;
      id: string;
      setup: string[] | null;
      test: string | null;
      out: string;
    };

export const usage = `usage: npm run evaluate -- <command>
  run --tasks <file> --repositories <folder> --out <file>
      [--repeats <k>] [--max-dollars <n>] [--model <alias or id>] [--only <id>]... [--replay right|wrong|cheat]
  report <file>
  compare <file a> <file b>          or: --compare <file a> <file b>
  check --tasks <file> --repositories <folder> [--only <id>]...
  make --repository <git dir> --fix <commit> --issue <file.json or file.md> --repo <owner/name> --id <id>
      --out <file> [--setup <command>]... [--test <command>]
  make --catalog <file> --repositories <folder> --out <file> [--only <id>]...`;

const text = { type: 'string' } as const;
const list = { type: 'string', multiple: true } as const;

/** @throws InputError that names the option */
export function readOptions(words: string[]): Options {
  const { values, positionals } = parse(words);
  const [command, ...files] = values.compare ? ['compare', ...positionals] : positionals;
  const need = (name: Exclude<keyof typeof values, 'compare' | 'only' | 'setup'>): string => {
    const value = values[name];
    if (value === undefined) throw new InputError(`--${name}: expected a value; found none\n${usage}`);
    return value;
  };
  const only = values.only ?? null;
  if (command === 'compare') {
    const [a, b, more] = files;
    if (!a || !b || more) throw new InputError(`compare: expected two result files; found ${files.length}`);
    return { command, a, b };
  }
  if (command === 'report') {
    if (!files[0] || files.length > 1)
      throw new InputError(`report: expected one result file; found ${files.length}`);
    return { command, file: files[0] };
  }
  if (files.length > 0) throw new InputError(`${command}: expected only options; found ${files.join(' ')}`);
  if (command === 'check') return { command, tasks: need('tasks'), repositories: need('repositories'), only };
  if (command === 'make' && values.catalog !== undefined)
    return {
      command: 'make-catalog',
      catalog: values.catalog,
      repositories: need('repositories'),
      out: need('out'),
      only,
    };
  if (command === 'make') {
    const [repository, fix, issue] = [need('repository'), need('fix'), need('issue')];
    const [setup, test] = [values.setup ?? null, values.test ?? null];
    return {
      command,
      repository,
      fix,
      issue,
      repo: need('repo'),
      id: need('id'),
      setup,
      test,
      out: need('out'),
    };
  }
  if (command === 'run') {
    const [tasks, repositories, out] = [need('tasks'), need('repositories'), need('out')];
    return { command, tasks, repositories, out, ...readRunOptions(values), only };
  }
  throw new InputError(
    `expected run, report, compare, check or make; found ${command ?? 'nothing'}\n${usage}`,
  );
}

function readRunOptions(values: ReturnType<typeof parse>['values']) {
  const { repeats = '1', 'max-dollars': maxDollars, model = null, replay } = values;
  return {
    repeats: readNumber('repeats', repeats, true),
    maxDollars: maxDollars === undefined ? null : readNumber('max-dollars', maxDollars),
    model,
    replay: replay === undefined ? null : readReplay(replay),
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        tasks: text,
        repositories: text,
        out: text,
        repeats: text,
        'max-dollars': text,
        model: text,
        replay: text,
        only: list,
        compare: { type: 'boolean' },
        repository: text,
        fix: text,
        issue: text,
        repo: text,
        id: text,
        setup: list,
        test: text,
        catalog: text,
      },
    });
  } catch (error) {
    throw new InputError(`${(error as Error).message}\n${usage}`);
  }
}

function readNumber(name: string, value: string, isWhole = false): number {
  const number = Number(value);
  if (
    value.trim() === '' ||
    !(number > 0) ||
    number === Number.POSITIVE_INFINITY ||
    (isWhole && !Number.isInteger(number))
  )
    throw new InputError(`--${name}: expected a ${isWhole ? 'whole ' : ''}number above 0; found ${value}`);
  return number;
}

function readReplay(value: string): Replay {
  const replay = replays.find((one) => one === value);
  if (!replay) throw new InputError(`--replay: expected ${replays.join(', ')}; found ${value}`);
  return replay;
}
