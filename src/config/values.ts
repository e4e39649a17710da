import path from 'node:path';
import { z } from 'zod';
import type { Limits } from '../runs/admission.js';

/*
 * Schemas for the values of environment variables. Each schema reads a text. The schema's error message
 * completes the sentence "NAME: expected ...".
 */

export function text(expected: string) {
  return z.string({ error: expected });
}

export function matching(shape: RegExp, expected: string) {
  return text(expected).regex(shape, { error: expected });
}

export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `one of ${words.join(', ')}` });
}

export function httpUrl(expected: string) {
  return z.url({ protocol: /^https?$/, error: expected, abort: true });
}

/** Accepts a path and makes it absolute. */
export function folder() {
  return text('a folder').transform((place) => path.resolve(place));
}

/** Accepts a path and makes it absolute. */
export function file() {
  return text('a file').transform((place) => path.resolve(place));
}

export function wholeNumber(expected: string, { least = 1, most = Number.MAX_SAFE_INTEGER } = {}) {
  return number(expected, (value) => Number.isInteger(value) && value >= least && value <= most);
}

/** Accepts a number above 0, with or without decimals. */
export function amount(unit: string) {
  return number(`a number of ${unit} above 0`, (value) => Number.isFinite(value) && value > 0);
}

const millisecondsIn = { seconds: 1000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 };

/** Accepts a time in `unit` and converts it to milliseconds. */
export function milliseconds(unit: keyof typeof millisecondsIn) {
  return amount(unit).transform((value) => value * millisecondsIn[unit]);
}

function number(expected: string, isValid: (value: number) => boolean) {
  return text(expected).transform(Number).refine(isValid, { error: expected });
}

/** Accepts items separated by commas. */
export function list() {
  return text('items separated by commas').transform((items): readonly string[] => split(items));
}

/** Accepts a list whose items match a pattern. Reports each wrong item separately. */
function listOf<Item>(shape: RegExp, expected: string, read: (match: RegExpExecArray) => Item) {
  return text(expected).transform((items, context): readonly Item[] =>
    split(items).flatMap((item) => {
      const match = shape.exec(item);
      if (match) return [read(match)];
      context.addIssue({
        code: 'custom',
        message: `${expected}, separated by commas`,
        params: { item },
      });
      return [];
    }),
  );
}

function split(items: string): string[] {
  return items
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);
}

/** Accepts pairs such as `label=agent`, separated by commas. Maps each label to its agent. */
export function labels() {
  return listOf(
    /^(.*\S)\s*=\s*([^\s=][^=]*)$/,
    'pairs such as label=agent',
    ([, label = '', agent = '']) => [label, agent] as const,
  ).transform((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs));
}

const limitNames = { 'at-once': 'atOnce', runs: 'runs', tokens: 'tokens', dollars: 'dollars' } as const;

/**
 * Accepts limits such as `runs=100, dollars=50`. A limit that the text does not name is null and does not
 * apply.
 */
export function limits() {
  return listOf(
    /^(at-once|runs|tokens|dollars)=((?=.*[1-9])\d+(?:\.\d+)?)$/,
    `pairs such as runs=100 (a name from ${Object.keys(limitNames).join(', ')} and a number above 0)`,
    ([, name, number]) => [limitNames[name as keyof typeof limitNames], Number(number)] as const,
  ).transform(
    (pairs): Limits => ({
      atOnce: null,
      runs: null,
      tokens: null,
      dollars: null,
      ...Object.fromEntries(pairs),
    }),
  );
}

/** Accepts a list of hosts, each with an optional port. The default port is 443. */
export function hosts() {
  return listOf(
    /^((?:\*\.)?[\w.-]+)(?::(\d{1,5}))?$/,
    'hosts such as pkgs.example.org or *.example.org:8443',
    ([, host = '', port]) => toHost(host, port),
  );
}

/**
 * Accepts a list of hosts. The prefix `owner/name=` or `owner/*=` limits a host to matching repositories.
 * Without a prefix, `repository` is null and the host applies to all repositories.
 */
export function hostsOfRepositories() {
  return listOf(
    /^(?:([\w.-]+\/(?:[\w.-]+|\*))=)?((?:\*\.)?[\w.-]+)(?::(\d{1,5}))?$/,
    'hosts such as pkgs.example.org, *.example.org:8443 or owner/name=pkgs.example.org',
    ([, repository, host = '', port]) => ({ repository: repository ?? null, ...toHost(host, port) }),
  );
}

function toHost(host: string, port = '443') {
  return { host: host.toLowerCase(), port: Number(port) };
}

/** Accepts a list of repositories: `owner/name`, or `owner/*` for all repositories of an owner. */
export function repositories() {
  return listOf(
    /^[\w.-]+\/(?:[\w.-]+|\*)$/,
    'repositories such as owner/name or owner/*',
    ([repository]) => repository,
  );
}

/** Accepts HTTP headers, one `Name: value` on each line. Lines may be empty. */
export function headers() {
  const expected = 'lines such as "Name: value", each with the name and the value of a header';
  return text(expected).transform((value, context): Readonly<Record<string, string>> => {
    const lines = value.split('\n').filter((line) => line.trim() !== '');
    const pairs = lines.map((line) => header.exec(line.trim()));
    if (pairs.includes(null)) context.addIssue({ code: 'custom', message: expected });
    return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], pair[2]]] : [])));
  });
}

/** Matches a header by the grammar of HTTP: a token, and a value without control characters. */
const header = /^([\w!#$%&'*+.^`|~-]+)\s*:[\t ]*([\x20-\x7e\x80-\xff]+)$/;
