/*
 * Release lines of Node with long-term support, from https://github.com/nodejs/Release (schedule.json and
 * CODENAMES.md), as of 29 November 2026. `since` is the first day of long-term support.
 */
const ltsLines: readonly { major: number; codename: string; since: string }[] = [
  { major: 26, codename: 'lithium', since: '2026-10-28' },
  { major: 24, codename: 'krypton', since: '2025-10-28' },
  { major: 22, codename: 'jod', since: '2024-10-29' },
  { major: 20, codename: 'iron', since: '2023-10-24' },
  { major: 18, codename: 'hydrogen', since: '2022-10-25' },
  { major: 16, codename: 'gallium', since: '2021-10-26' },
  { major: 14, codename: 'fermium', since: '2020-10-27' },
  { major: 12, codename: 'erbium', since: '2019-10-21' },
  { major: 10, codename: 'dubnium', since: '2018-10-30' },
  { major: 8, codename: 'carbon', since: '2017-10-31' },
];

/** Lists the major versions with long-term support at a time, the newest first. */
export function listLtsMajors(now: Date): number[] {
  return ltsLines.filter(({ since }) => new Date(since) <= now).map(({ major }) => major);
}

const newest = /^(?:node|latest|current|stable|\*|x)$/;
const lts = /^(?:lts)(?:[/-](?<which>.+))?$/;

/**
 * Converts a version of Node, as files such as .nvmrc write it, to a range of npm.
 * @returns null if the text is no version, or names a release line that this code does not know
 */
export function nodeRange(version: string, now: Date): string | null {
  const text = version.trim().toLowerCase();
  if (newest.test(text)) return '*';
  const majors = listLtsMajors(now);
  const match = lts.exec(text);
  if (match) {
    const which = match.groups?.which ?? '*';
    const back = /^-(\d+)$/.exec(which)?.[1];
    const major =
      which === '*' || which === 'latest'
        ? majors[0]
        : back === undefined
          ? ltsLines.find(({ codename }) => codename === which)?.major
          : majors[Number(back)];
    return major === undefined ? null : `${major}.x`;
  }
  const named = ltsLines.find(({ codename }) => codename === text);
  return named ? `${named.major}.x` : text.replace(/^node[-@/]?(?=v?\d)/, '');
}

/** Whether a version means the newest release, even if the machine has another one. */
export function wantsNewest(version: string): boolean {
  return /^(?:node|latest|current)$/i.test(version.trim());
}

/** The major version of npm that came with a major version of Node, by https://nodejs.org/dist/index.json. */
export function npmMajorOf(nodeMajor: number): number {
  if (nodeMajor >= 24) return 11;
  if (nodeMajor >= 18) return 10;
  if (nodeMajor >= 16) return 8;
  return nodeMajor === 15 ? 7 : 6;
}
