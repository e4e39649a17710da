import { describe, expect, test } from '@jest/globals';
import {
  hasSameGems,
  makeGemfileSafe,
  makeLockfileSafe,
  mergeGemspec,
  readGemLockfile,
  readGems,
} from '../../src/packages/ruby/gemfile.js';

const base = `source "https://rubygems.org"
git_source(:github) { |name| "https://github.com/#{name}" }
gemspec
gem "rails", github: "rails/rails"
if ENV["EDGE"]
  gem "rack"
end
group :test, optional: true do
  gem "rspec"
end
group :development do
  gem 'rubocop', '~> 1.0', require: false # style
end
`;

describe('makeGemfileSafe', () => {
  test.each([
    ['a gem', `${base}gem "shout"\n`],
    ['versions', `${base}gem 'shout', '~> 1.0', '!= 1.2.3.pre-1'\n`],
    ['options', `${base}gem("shout", group: [:a, :b], require: "a/b", platforms: %i[mri windows]) # x\n`],
    ['options in the old style', `${base}gem "shout", ">= 1", :groups => [:test, :development]\n`],
    ['a group', `${base}\ngroup :lint, :test do # y\n  # z\n  gem "shout"\n\nend\n`],
    ['a gem in a condition', base.replace('  gem "rack"', '  gem "rack"\n  gem "shout"')],
    ['a removed gem', base.replace('  gem "rack"\n', '')],
    ['a removed group', base.replace(/group :development do[\s\S]*/, '')],
    ['other ends of lines', base.replaceAll('\n', '\r\n')],
    ['a comment', `# my gems\n${base}`],
  ])('accepts %s', (_, content) => {
    expect(makeGemfileSafe('Gemfile', content, base)).toBe(content);
  });

  test.each([
    ['code', 'system("curl")', 'system("curl")'],
    ['an interpolation', 'gem "#{system(1)}"', 'gem "#{system(1)}"'],
    ['an interpolation in a version', 'gem "a", "#{x}"', 'gem "a", "#{x}"'],
    ['an interpolation in a symbol', 'gem "a", require: :"#{x}"', 'gem "a", require'],
    ['an interpolation in words', 'gem "a", platforms: %W[#{x}]', 'gem "a", platforms'],
    ['a second command', 'gem "a"; x', 'gem "a"; x'],
    ['a condition', 'gem "a" if x', 'gem "a" if x'],
    ['a block', 'gem("a") { x }', 'gem("a") { x }'],
    ['a call as an argument', 'gem "a", x', 'gem "a", x'],
    ['a repository', 'gem "a", git: "https://example.org/a"', 'gem "a", git'],
    ['a short repository', 'gem "a", github: "a/b"', 'gem "a", github'],
    ['a path', 'gem "a", path: "../a"', 'gem "a", path'],
    ['another source', 'gem "a", source: "http://localhost:1"', 'gem "a", source'],
    ['another source in the old style', 'gem "a", :source => "http://localhost:1"', 'gem "a", :source'],
    ['a source', 'source "http://localhost:1"', 'source "http://localhost:1"'],
    ['a plugin', 'plugin "a"', 'plugin "a"'],
    ['code in a group', 'group :a do\n  x\nend', 'group :a do'],
    ['an end', 'end', 'end'],
    ['a carriage return', 'gem "a" # b\rx', 'gem "a" # b\rx'],
    ['an encoding', '# coding: shift_jis', '# coding: shift_jis'],
    ['an argument on the next line', 'gem "a",\n  x', 'gem "a",'],
  ])('refuses %s', (_, line, named) => {
    expect(() => makeGemfileSafe('Gemfile', `${line}\n${base}`, base)).toThrow(`Gemfile contains \`${named}`);
    expect(() => makeGemfileSafe('Gemfile', `${base}${line}\n`, base)).toThrow(`Gemfile contains \`${named}`);
  });

  test('refuses a Gemfile that lacks or moves code, and does not use a new one', () => {
    expect(() => makeGemfileSafe('Gemfile', base.replace('gemspec\n', ''), base)).toThrow(
      /^Gemfile contains/,
    );
    expect(() => makeGemfileSafe('Gemfile', '', 'x\n')).toThrow('Gemfile lacks `x`, and only lines such as');
    expect(makeGemfileSafe('Gemfile', base, null)).toBeNull();
  });
});

test('hasSameGems ignores comments', () => {
  expect(hasSameGems('Gemfile', base, `# x\n${base.replace(' # style', '')}`)).toBe(true);
  expect(hasSameGems('Gemfile', base, base.replace('~> 1.0', '~> 1.1'))).toBe(false);
  expect(hasSameGems('Gemfile', base, base.replace('gemspec', 'gemspec path: "x"'))).toBe(false);
});

describe('a gemspec', () => {
  const spec = 'require_relative "lib/version"\nGem::Specification.new do |s|\n  s.version = VERSION\nend\n';

  test('gets the dependencies of a change, and keeps the rest', () => {
    const asked = '  s.add_dependency "shout", "~> 1.0"\n  s.add_development_dependency(\'rake\')\n';
    const change = spec.replace('VERSION\n', `\`x\`\n${asked}  s.add_dependency "a", x\n`);
    const merged = spec.replace('end', `${asked}end`);
    expect(mergeGemspec(spec, change)).toBe(merged);
    expect(mergeGemspec(merged, spec)).toBe(spec);
    expect(mergeGemspec(merged, merged.replace('1.0', '2.0'))).toBe(merged.replace('1.0', '2.0'));
    expect(Object.fromEntries(readGems(change))).toEqual({
      shout: { range: '~> 1.0', dev: false },
      rake: { range: '*', dev: true },
    });
  });

  test('has other packages only with other dependencies', () => {
    expect(hasSameGems('a.gemspec', spec, spec.replace('VERSION', '"2"'))).toBe(true);
    expect(hasSameGems('a.gemspec', spec, spec.replace('end', 's.add_dependency "a"\nend'))).toBe(false);
  });
});

test('readGems reads versions and groups', () => {
  const more =
    'gem "a", "1", "< 2", group: :test\ngem "b", :groups => [:default, :test]\ngem "c", groups: %i[test]\n';
  expect(Object.fromEntries(readGems(base + more))).toEqual({
    rack: { range: '*', dev: false },
    rspec: { range: '*', dev: false },
    rubocop: { range: '~> 1.0', dev: true },
    a: { range: '1, < 2', dev: true },
    b: { range: '*', dev: false },
    c: { range: '*', dev: true },
  });
});

const locked = `GIT
  remote: https://github.com/rails/rails
  revision: 0a1b
  specs:
    rails (8.0.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    racc (1.8.1)

DEPENDENCIES
  rails!

BUNDLED WITH
   2.5.1
`;

describe('a lockfile', () => {
  test('names gems and versions', () => {
    expect(readGemLockfile(locked).map(({ name, version }) => `${name} ${version}`)).toEqual([
      ...['rails 8.0.0', 'nokogiri 1.16.0', 'racc 1.8.1'],
    ]);
  });

  test.each([
    ['another server', 'https://rubygems.org/', 'https://localhost:1/'],
    ['another commit', '0a1b', '0a1c'],
    ['another repository', 'rails/rails', 'a/rails'],
    ['another option', '  revision', '  submodules: true\n  revision'],
    ['another version of Bundler', '2.5.1', '2.5.2'],
    ['a second version of Bundler', '2.5.1\n', '2.5.1\nBUNDLED WITH\n    2.5.2\n'],
    ['a line that only JavaScript splits', 'org/\n', 'org/\u2028x\n'],
  ])('is refused with %s', (_, from, to) => {
    expect(() => makeLockfileSafe('Gemfile.lock', locked.replace(from, to), locked)).toThrow(
      /^Gemfile.lock contains `/,
    );
  });

  test('is accepted with another gem', () => {
    const more = locked.replace('    racc', '    rack (3.0.0)\n    racc');
    expect(makeLockfileSafe('Gemfile.lock', more, locked)).toBe(more);
    expect(makeLockfileSafe('Gemfile.lock', more, null)).toBeNull();
  });
});
