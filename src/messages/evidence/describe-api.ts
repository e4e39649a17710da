import type { Api } from '../../evidence/evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import type { Section } from './section.js';

const maxListed = 30;

const levels = [
  ['breaking', '⚠️ Breaking: clients may fail'],
  ['dangerous', 'Dangerous: some clients may behave differently'],
  ['compatible', 'Compatible'],
] as const;

/** Describes how the change affects clients of the API. Returns null if it touches no description of one. */
export function describeApi(api: Api | null, untrusted: UntrustedText): Section | null {
  if (!api) return null;
  const of = (level: string) => api.differences.filter((one) => one.level === level);
  const lists = levels.flatMap(([level, title]) => {
    const found = of(level);
    if (found.length === 0) return [];
    const lines = found.slice(0, maxListed).map(({ file, says }) => {
      const place = api.files.length > 1 ? `${untrusted.name(file)}: ` : '';
      return `- ${place}${untrusted.name(says)}`;
    });
    if (found.length > maxListed) lines.push(`- and ${found.length - maxListed} more`);
    return [`**${title}** (${found.length})\n\n${lines.join('\n')}`];
  });
  const files = api.files.slice(0, maxListed).map((file) => untrusted.name(file));
  const body = [
    files.length > 0 ? `Compared with the base commit: ${files.join(', ')}.` : '',
    ...lists,
    ...api.notes.map((note) => untrusted.line(note, 500)),
  ];
  const counts = levels.flatMap(([level]) => {
    const { length } = of(level);
    return length > 0 ? [`${length} ${level}`] : [];
  });
  const differences = counts.join(', ') || (api.files.length > 0 ? 'no difference' : 'not compared');
  return {
    title: `API: ${differences}`,
    isBad: of('breaking').length > 0,
    body: body.filter(Boolean).join('\n\n'),
  };
}
