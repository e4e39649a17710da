import { describe, expect, test } from '@jest/globals';
import { findImages } from '../../src/images/find-images.js';

const addresses = (markdown: string) => findImages(markdown).map(({ address }) => address);
const faults = (markdown: string) => findImages(markdown).map(({ fault }) => fault);

describe('findImages', () => {
  test('finds images in Markdown and in HTML, in the order of the text, each address once', () => {
    const text = [
      'See ![a](https://one.example/1) and ![b][two].',
      '',
      '> <img width="600" alt="A long text" src="https://one.example/3" />',
      '',
      '- ![a again](https://one.example/1)',
      '',
      '[two]: https://one.example/2 "title"',
      "<p align=center><IMG SRC='https://one.example/4'></p>",
    ].join('\r\n');
    expect(addresses(text)).toEqual([1, 2, 3, 4].map((number) => `https://one.example/${number}`));
  });

  test.each([
    ['a comment', '<!-- ![a](https://one.example/1) <img src="https://one.example/2"> -->'],
    ['a code block', '```\n![a](https://one.example/1)\n```'],
    ['a code span', '`![a](https://one.example/1)` and `<img src="https://one.example/2">`'],
    ['an element that GitHub hides', '<p hidden><img src="https://one.example/1"></p>'],
    ['a link', '[a](https://one.example/1) https://one.example/2'],
    ['an escaped mark', '\\![a](https://one.example/1) &lt;img src="https://one.example/2">'],
  ])('finds none in %s', (_, text) => {
    expect(addresses(text)).toEqual([]);
  });

  test('reports images that people see in another form, or do not notice', () => {
    const picture =
      '<picture>\n<source srcset="https://one.example/1">\n<img src="https://one.example/2">\n</picture>';
    const inline = `A ${picture.replaceAll('\n', '')}`;
    for (const text of [picture, inline, '<img src="https://one.example/2" srcset="https://one.example/1">'])
      expect(faults(text)).toEqual(['shown in several versions']);
    for (const size of ['width=1', 'height="0"', 'width="3%"', "width='12px'"])
      expect(faults(`<img ${size} src="https://one.example/2">`)).toEqual([
        'shown too small for people to notice',
      ]);
    expect(faults('<img width="320" height="50%" src="https://one.example/2">')).toEqual([null]);
  });

  test('finds none in a text that takes too long to parse', () => {
    expect(addresses(`![a](https://one.example/1)\n${'> '.repeat(60)}x`)).toEqual([]);
  });
});
