import { expect, test } from '@jest/globals';
import { parseReports } from '../../src/evidence/parse-reports.js';
import { describeFailure } from '../../src/evidence/runners/parsers/describe-failure.js';
import { keepOwnFrames } from '../../src/evidence/runners/parsers/own-frames.js';

/* Reports of runners that are not installed where the tests run. They follow the documented formats. */

const lines = (...texts: string[]) => texts.join('\n');

function failuresOf(runner: string, text: string) {
  const command = { command: 'x', folder: '', runner, takesArguments: false };
  const { cases } = parseReports(command, [{ runner, text }], '');
  return Object.fromEntries(
    cases.flatMap(({ id, reported }) => (reported ? [[id, describeFailure(reported)]] : [])),
  );
}

test.each(['maven', 'gradle'])(
  'a failure of %s is described with what the suite printed at its first failure',
  (runner) => {
    const stack = lines(
      'org.opentest4j.AssertionFailedError: expected: &lt;1&gt; but was: &lt;2&gt;',
      '\tat org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)',
      '\tat org.example.ThingTest.fails(ThingTest.java:12)',
      '\tat java.base/java.lang.reflect.Method.invoke(Method.java:568)',
    );
    const report = lines(
      '<testsuite name="org.example.ThingTest">',
      `<testcase name="fails" classname="org.example.ThingTest"><failure message="expected: &lt;1&gt; but was: &lt;2&gt;">${stack}</failure></testcase>`,
      '<testcase name="throws" classname="org.example.ThingTest"><error message="boom">java.lang.IllegalStateException: boom</error></testcase>',
      '<system-out><![CDATA[hello from the test\n]]></system-out></testsuite>',
    );
    expect(failuresOf(runner, report)).toEqual({
      'org.example.ThingTest › fails': {
        error: lines(
          'org.opentest4j.AssertionFailedError: expected: <1> but was: <2>',
          '\tat org.example.ThingTest.fails(ThingTest.java:12)',
        ),
        output: 'hello from the test',
      },
      'org.example.ThingTest › throws': { error: 'java.lang.IllegalStateException: boom', output: '' },
    });
  },
);

test('a package that does not compile is described with the errors that Go 1.24 reports', () => {
  const report = lines(
    '{"ImportPath":"x/sub [x/sub.test]","Action":"build-output","Output":"# x/sub [x/sub.test]\\n"}',
    '{"ImportPath":"x/sub [x/sub.test]","Action":"build-output","Output":"sub/s.go:6:2: undefined: y\\n"}',
    '{"ImportPath":"x/sub [x/sub.test]","Action":"build-fail"}',
    '{"Action":"start","Package":"x/sub"}',
    '{"Action":"output","Package":"x/sub","Output":"FAIL\\tx/sub [build failed]\\n"}',
    '{"Action":"fail","Package":"x/sub","Elapsed":0,"FailedBuild":"x/sub [x/sub.test]"}',
  );
  expect(failuresOf('go', report)).toEqual({
    'x/sub': { error: lines('# x/sub [x/sub.test]', 'sub/s.go:6:2: undefined: y'), output: '' },
  });
});

test('at most eight frames of a stack are kept', () => {
  const stack = Array.from({ length: 20 }, (_, at) => `    at f (/workspace/a.js:${at}:1)`);
  expect(keepOwnFrames(lines('RangeError', ...stack)).split('\n')).toHaveLength(9);
});

test('a line of text that only begins like a frame is kept', () => {
  const text = lines('expected', '  at least 3 items in the list', 'but got 2');
  expect(keepOwnFrames(text)).toBe(text);
});
