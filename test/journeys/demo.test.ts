import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startScriptedModel } from '../../scripted-model/scripted-model.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');
/** Longer than the demo itself waits for its run, so that it is the demo that says what went wrong. */
const patienceMs = 15 * 60_000;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});

afterEach(() => folder.remove());

describe('the demo', () => {
  test(
    'its issue becomes a pull request whose evidence it shows, and nothing is left behind',
    async () => {
      const { code, text } = await startDemo([]).ended;
      expect({ code, wrong: code === 0 ? '' : text }).toEqual({ code: 0, wrong: '' });
      expect(text).toContain("the agent's words come from a recorded conversation");
      expect(text).toMatch(/✗ run_tests test\/discounts\.test\.js: 13 passed, 1 failed/);
      expect(text).toContain(
        'The pull request: acme/shop#2 pullwright/issue-1 into main Add discount codes for orders',
      );
      expect(text).toMatch(/before, on the base commit 21 0 0 exit code 0/);
      expect(text).toMatch(/after, with the change 35 0 0 exit code 0/);
      expect(text).toContain(
        'Proof: these new or changed tests fail without the change and pass with it (14)',
      );
      expect(text).toMatch(/migrations\/0003_discounts\.sql \| 26 \+/);
      expect(text).toContain('Check run Pullwright evidence: success');
      expect(text).toMatch(
        /ada: Please also test that a code of 100 percent .* Done in [0-9a-f]{40}: A test/,
      );
      expect(text).toMatch(/ada: I would round half up here.* Not done: The issue asks for rounding down/);
      expect(text).toMatch(/after, with the change 36 0 0 exit code 0/);
      expect(text).toMatch(/From label to pull request in .*, from review to answers in /);
      expect(text).not.toContain('\x1b');
      expect(left()).toEqual([]);
    },
    patienceMs,
  );

  test(
    'stopped half way, it ends with 130 and leaves nothing behind',
    async () => {
      const demo = startDemo([]);
      await demo.printed('task fixed');
      demo.process.kill('SIGINT');
      const { code, text } = await demo.ended;
      expect({ code, wrong: text.split('It went wrong')[1] }).toEqual({ code: 130, wrong: undefined });
      expect(left()).toEqual([]);
    },
    patienceMs,
  );

  test(
    'with a key it asks the API of the environment, and without a pull request it ends with 1 and says why',
    async () => {
      const model = await startScriptedModel();
      model.script({
        when: 'Discount codes for orders',
        turns: [{ calls: [['ask_question', { questions: ['Which currency?'] }]] }],
      });
      const environment = { ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.url };
      const { code, text } = await startDemo([], environment).ended;
      await model.stop();
      expect(code).toBe(1);
      expect(text).toContain('come from Claude (ANTHROPIC_API_KEY is set)');
      expect(text).toContain('It went wrong the run ended without a pull request: question: Which currency?');
      expect(text).toContain('The last lines of the app:');
      expect(left()).toEqual([]);
    },
    patienceMs,
  );

  test('an unknown option is refused in one line', async () => {
    const { code, text } = await startDemo(['--kep']).ended;
    expect({ code, text }).toEqual({ code: 64, text: 'demo: expected --keep or --help; found "--kep"' });
  });
});

interface Demo {
  process: ChildProcess;
  /** Resolves when this text has been printed. */
  printed(text: string): Promise<void>;
  /** The text without the breaks that the width of the page makes. */
  ended: Promise<{ code: number | null; text: string }>;
}

function startDemo(options: string[], environment: Record<string, string> = {}): Demo {
  const child = spawn(process.execPath, ['--import', 'tsx', 'demo/demo.ts', ...options], {
    cwd: root,
    env: { ...process.env, ANTHROPIC_API_KEY: '', NO_COLOR: '1', TMPDIR: folder.path, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const waiting: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve)).then((code) => ({
    code,
    text: text.replace(/\s+/g, ' ').trim(),
  }));
  return {
    process: child,
    ended,
    printed: (wanted) =>
      new Promise((resolve, reject) => {
        const look = () => text.includes(wanted) && resolve();
        waiting.push(look);
        look();
        void ended.then(() => reject(new Error(`the demo ended before it said "${wanted}":\n${text}`)));
      }),
  };
}

/** Files of the demo that are still there, and processes that name them. */
function left(): string[] {
  const files = readdirSync(folder.path).filter((name) => name.startsWith('pullwright-'));
  const processes = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return [...files, ...processes.filter((id) => names(id, folder.path))];
}

function names(processId: string, text: string): boolean {
  const read = (file: string) => {
    try {
      return readFileSync(`/proc/${processId}/${file}`, 'utf8');
    } catch {
      // It ended while this looked, or is somebody else's.
      return '';
    }
  };
  return read('cmdline').includes(text) || read('environ').includes(`PULLWRIGHT_HOME=${text}`);
}
