import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startScriptedModel } from '../../scripted-model/scripted-model.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const root = path.join(import.meta.dirname, '..', '..');
/** Only ends a demo that hangs. A busy machine needs many times longer than an idle one. */
const timeoutMs = 60 * 60_000;

let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;

beforeEach(async () => {
  folder = await createTemporaryFolder();
});

afterEach(() => folder.remove());

describe('the demo', () => {
  test(
    'the demo shows a pull request with its evidence, answers the review, and leaves nothing behind',
    async () => {
      const { code, text } = await startDemo([]).ended;
      expect({ code, failure: code === 0 ? '' : text }).toEqual({ code: 0, failure: '' });
      expect(text).toContain("the model's replies are recorded");
      expect(text).toContain('accepted: ada has write access and added the label backend');
      expect(text).toMatch(/network is now off; PostgreSQL 18[.0-9]+ as the service postgres /);
      expect(text).toContain('new tests without the change (they should fail): 14 of 14 failed');
      expect(text).toMatch(
        /tests after the change, in a fresh copy: 34 passed, 1 failed .* submit returned: 1 test newly fails .* ✓ submit Add discount codes for orders .* tests after the change, in a fresh copy: 35 passed, 0 failed/,
      );
      expect(text).toContain('pull request #2 opened');
      expect(text).toContain('pull request #2 updated');
      expect(text).toMatch(/✗ run_tests test\/discounts\.test\.js: 13 passed, 1 failed/);
      expect(text).toContain(
        'The pull request: acme/shop#2 pullwright/issue-1 into main Add discount codes for orders',
      );
      expect(text).toMatch(/before, on the base commit 21 0 0 exit code 0/);
      expect(text).toMatch(/after, with the change 35 0 0 exit code 0/);
      expect(text).toContain(
        '▾ API: 2 compatible Compared with the base commit: the routes in the source code. Compatible (2) - GET /discounts/:code is new - POST /discounts is new',
      );
      expect(text).toContain('▾ Proof: 14 tests fail without the change and pass with it');
      expect(text).toMatch(
        /35 tests pass, 14 proven to fail without the change, migration up on [1-9][0-9,]* rows without a rewrite, no breaking API change, \d+ of \d+ changed lines tested, \d+ of \d+ small faults noticed/,
      );
      expect(text).toMatch(/migrations\/0003_discounts\.sql \| 26 \+/);
      expect(text).toContain('Check run Pullwright evidence: success');
      expect(text).toMatch(
        /ada: Please also test that a code of 100 percent .* Done in [0-9a-f]{40}: I added a test/,
      );
      expect(text).toMatch(/ada: I would round half up here.* Not done: The issue asks for rounding down/);
      expect(text).toMatch(/after, with the change 36 0 0 exit code 0/);
      expect(text).toMatch(/From label to pull request in .*; from review to replies in /);
      expect(text).toContain('the recording is free.');
      expect(filesOf(text)).toContain('docs/architecture.md');
      expect(filesOf(text).filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
      expect(text).not.toContain('\x1b');
      expect(findLeftovers()).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'an interrupted demo exits with 130 and leaves nothing behind',
    async () => {
      const demo = startDemo([]);
      await demo.printed('task: main at');
      demo.process.kill('SIGINT');
      const { code, text } = await demo.ended;
      expect({ code, failure: text.split('The demo failed')[1] }).toEqual({ code: 130, failure: undefined });
      expect(findLeftovers()).toEqual([]);
    },
    timeoutMs,
  );

  test(
    'with an API key the demo asks that API, and without a pull request it exits with 1 and the reason',
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
      expect(text).toContain('the model is Claude, because ANTHROPIC_API_KEY is set');
      expect(text).toContain(
        'The demo failed the run ended without a pull request: question: Which currency?',
      );
      expect(text).toContain('The last lines of the app:');
      expect(findLeftovers()).toEqual([]);
    },
    timeoutMs,
  );

  test('the demo rejects an unknown option in one line', async () => {
    const { code, text } = await startDemo(['--kep']).ended;
    expect({ code, text }).toEqual({ code: 64, text: 'demo: expected --keep or --help; found "--kep"' });
  });
});

interface Demo {
  process: ChildProcess;
  /** Resolves when this text has been printed. */
  printed(text: string): Promise<void>;
  /** The text with every whitespace, such as the breaks of wrapped lines, as one space. */
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
        void ended.then(() => reject(new Error(`the demo ended before it printed "${wanted}":\n${text}`)));
      }),
  };
}

/** The files of this repository that the demo's last lines point to. */
function filesOf(text: string): string[] {
  return text.slice(text.indexOf('● Done')).match(/\b(?:docs|src|demo)\/[\w./-]+\.(?:md|ts|yml)/g) ?? [];
}

/** Files of the demo that still exist, and processes that name them. */
function findLeftovers(): string[] {
  const files = readdirSync(folder.path).filter((name) => name.startsWith('pullwright-'));
  const processes = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return [...files, ...processes.filter((id) => isNamedBy(id, folder.path))];
}

function isNamedBy(processId: string, text: string): boolean {
  const read = (file: string) => {
    try {
      return readFileSync(`/proc/${processId}/${file}`, 'utf8');
    } catch {
      // The process has ended, or it belongs to another user.
      return '';
    }
  };
  return read('cmdline').includes(text) || read('environ').includes(`PULLWRIGHT_HOME=${text}`);
}
