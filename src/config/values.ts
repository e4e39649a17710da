import path from 'node:path';
import { z } from 'zod';
import type { Limits } from '../runs/admission.js';

/*
 * The kinds of values that environment variables have. Each schema reads text. Its error message names the
 * expected value and completes the sentence "NAME: expected ...".
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
  return z.url({ protocol: /^https?$/, error: expected });
}

/** An absolute path. */
export function folder() {
  return text('a folder').transform((file) => path.resolve(file));
}

export function wholeNumber(expected: string, { least = 1, most = Number.MAX_SAFE_INTEGER } = {}) {
  return number(expected, (value) => Number.isInteger(value) && value >= least && value <= most);
}

/** A number above 0, with or without decimals. */
export function amount(unit: string) {
  return number(`a number of ${unit} above 0`, (value) => Number.isFinite(value) && value > 0);
}

const millisecondsIn = { seconds: 1000, hours: 3_600_000, days: 86_400_000 };

/** A time in `unit`, converted to milliseconds. */
export function milliseconds(unit: keyof typeof millisecondsIn) {
  return amount(unit).transform((value) => value * millisecondsIn[unit]);
}

function number(expected: string, isValid: (value: number) => boolean) {
  return text(expected).transform(Number).refine(isValid, { error: expected });
}

/** Items separated by commas. */
export function list() {
  return text('items separated by commas').transform((items): readonly string[] => split(items));
}

/** A list whose items must match a pattern. Each wrong item is reported separately. */
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

/** `label=agent`, separated by commas: label -> agent. */
export function labels() {
  return listOf(
    /^(.*\S)\s*=\s*([^\s=][^=]*)$/,
    'pairs such as label=agent',
    ([, label = '', agent = '']) => [label, agent] as const,
  ).transform((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs));
}

const limitNames = { 'at-once': 'atOnce', runs: 'runs', tokens: 'tokens', dollars: 'dollars' } as const;

/** `runs=100, dollars=50`. A limit that is not named does not apply. */
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

/** Hosts. The port is 443 if none is given. */
export function hosts() {
  return listOf(
    /^((?:\*\.)?[\w.-]+)(?::(\d{1,5}))?$/,
    'hosts such as pkgs.example.org or *.example.org:8443',
    ([, host = '', port]) => toHost(host, port),
  );
}

/** Hosts. Each applies to all repositories (null) or only to those that `owner/name=` or `owner/*=` names. */
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

/** `owner/name`, or `owner/*` for all repositories of an owner. */
export function repositories() {
  return listOf(
    /^[\w.-]+\/(?:[\w.-]+|\*)$/,
    'repositories such as owner/name or owner/*',
    ([repository]) => repository,
  );
}
