import { describe, expect, test } from '@jest/globals';
import { lexer } from 'marked';
import type { RecordedEvent, Run } from '../../src/database/run-store.js';
import {
  renderProgress,
  renderRefusal,
  renderReminder,
  renderThreadAnswer,
} from '../../src/messages/progress-comment.js';
import type { Outcome } from '../../src/runs/outcome.js';
import { cleanWords } from '../../src/text/old/words.js';
import { labelTrigger } from '../support/label-trigger.js';

const end = (outcome: Outcome, workflow = 'implement-issue') =>
  renderProgress(
    { id: 'run-1', workflow, trigger: labelTrigger(7) } as Run,
    [{ event: { type: 'settled', outcome } } as RecordedEvent],
    cleanWords,
  );
const marker = '\n\n<!-- a-marker -->';

const hostile: [string, string][] = [
  ['a fence', 'x\n\n~~~~'],
  ['a fence from the start', '```\nx'],
  ['a heading', 'x\n\n## Measured\n\nForged'],
  ['a line across and a fence', '- -\n~~~~'],
  ['a comment', 'x <!--\n\n<pre>'],
  ['a code span', 'x `'],
  ['an alert', '[!CAUTION]\nx'],
  ['lines of another kind', 'x\r\r## Measured\u2028~~~~'],
];

describe('words of others in a comment', () => {
  test.each(hostile)('take nothing of what stands behind them into %s', (_, text) => {
    const reason = text;
    const comments = [
      end({ kind: 'question', questions: [text, text, 'And?'] }),
      ...(['refusal', 'stopped', 'failed'] as const).flatMap((kind) => [
        end({ kind, reason }),
        end({ kind, reason }, 'answer-review'),
      ]),
      end({ kind: 'draft', number: 8, url: '', reason: [text, text], unfinished: false }),
      renderReminder(
        Array.from({ length: 11 }, () => text),
        cleanWords,
      ),
      renderRefusal({ sender: { login: 'ada' }, kind: 'label' } as never, reason, cleanWords),
    ];
    for (const comment of comments) {
      const blocks = lexer(comment + marker);
      expect(blocks.map(({ type }) => type)).not.toContain('heading');
      expect(blocks.map(({ type }) => type)).not.toContain('code');
      expect(blocks.at(-1)).toMatchObject({ type: 'html', raw: marker.trim() });
      // What comes behind is a paragraph of its own.
      expect(blocks.filter(({ type }) => type === 'paragraph').at(-1)?.raw).toMatch(
        /Answer in|run `run-1`|As soon/,
      );
    }
    for (const commit of [null, 'abc']) {
      const blocks = lexer(renderThreadAnswer(text, commit, cleanWords) + marker);
      expect(blocks.map(({ type }) => type)).not.toContain('code');
      expect(blocks.at(-1)).toMatchObject({ type: 'html', raw: marker.trim() });
    }
  });

  test('read well: a short word in its line, a long one as a quote below', () => {
    expect(renderThreadAnswer('It says good day now.', 'abc', cleanWords)).toBe(
      'Done in abc: It says good day now.',
    );
    expect(renderThreadAnswer('Two ways:\n\n- a\n- b', null, cleanWords)).toBe(
      'Not done: Two ways:\n\n> - a\n> - b',
    );
    expect(renderReminder(['Whose name?', 'Which:\n- a\n- b'], cleanWords)).toContain(
      '1. Whose name?\n2. Which:\n\n   > - a\n   > - b\n\nAnswer',
    );
  });
});
