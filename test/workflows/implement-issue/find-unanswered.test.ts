import { expect, test } from '@jest/globals';
import { sanitizeText } from '../../../src/text/sanitize.js';
import { findUnanswered, issueTemplate } from '../../../src/workflows/implement-issue/find-unanswered.js';

const find = (body: string, ...templates: string[]) =>
  findUnanswered(sanitizeText(body, 40_000).text, templates);
const template = `---
name: Bug report
---

**Describe the bug**
A clear and concise description of what the bug is.

**To Reproduce**
Steps to reproduce the behavior:
1. Go to '...'
`;

test.each<[string, string, string[], string[]]>([
  ['an empty body', '', [], []],
  [
    'a form without answers',
    '### What happened?\n\n_No response_\n\n### Logs\n\n```shell\n\n```\n\n### Terms\n\n- [X] I agree',
    [],
    ['What happened?', 'Logs', 'Terms'],
  ],
  [
    'a template with comments and empty lists',
    '## Steps\n\n<!-- How? -->\n\n1.\n2.\n\n---\n\n## Checks ##\n\n- [ ] I searched',
    [],
    ['Steps', 'Checks'],
  ],
  [
    "a template as it is in the repository, with the reporter's line ends",
    template.split('---\n').at(-1)?.replaceAll('\n', '\r\n') ?? '',
    [template],
    ['Describe the bug', 'To Reproduce'],
  ],
])('%s says nothing', (_, body, templates, headings) => {
  expect(find(body, ...templates)).toEqual(headings);
});

test.each([
  ['one answer', '### What happened?\n\nThe total is wrong.\n\n### Version\n\n_No response_', []],
  ['an answer in a list', '## Steps\n\n1. Order twice', []],
  ['an answer in code', '### Logs\n\n```\nboom\n```', []],
  ['a picture', '## What happened?\n\n![image](https://github.com/user-attachments/assets/x)', []],
  ['check boxes without a template', '- [ ] Greet by name\n- [ ] Greet without a name', []],
  ['a heading without a template', '## The login button crashes', []],
  ['a sentence in bold', '**Please rename greet() to hello().**', []],
  ['a table', '| a | b |\n| - | - |\n| 1 | 2 |', []],
  ['one line more than the template', `${template}The total is wrong.`, [template]],
])('%s says something', (_, body, templates) => {
  expect(find(body, ...templates)).toBeNull();
});

test('templates and forms are found where GitHub looks for them', () => {
  const files = [
    '.github/ISSUE_TEMPLATE/bug.yml',
    '.github/ISSUE_TEMPLATE.md',
    'docs/issue_template.md',
    'ISSUE_TEMPLATE/a.md',
    '.github/PULL_REQUEST_TEMPLATE.md',
    'src/issue_template.md',
  ];
  expect(files.filter((file) => issueTemplate.test(file))).toEqual(files.slice(0, 4));
});
