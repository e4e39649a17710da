import type { Package, Packages } from '../../evidence/evidence.js';
import type { UntrustedText } from '../../text/untrusted-text.js';
import type { Section } from './section.js';

const maxListed = 30;

/** Lists the packages that a change adds, updates and removes. Returns null if there are none. */
export function describePackages(packages: Packages | null, untrusted: UntrustedText): Section | null {
  if (!packages) return null;
  const { direct, indirect, managers, notes, faults } = packages;
  const lines = direct.slice(0, maxListed).map((one) => `- ${describePackage(one, untrusted)}`);
  if (direct.length > maxListed) lines.push(`- and ${direct.length - maxListed} more`);
  const counts = [
    indirect.added > 0 ? `${indirect.added} added` : '',
    indirect.updated > 0 ? `${indirect.updated} updated` : '',
    indirect.removed > 0 ? `${indirect.removed} removed` : '',
  ].filter(Boolean);
  if (counts.length > 0) lines.push(`- other packages in the lockfiles: ${counts.join(', ')}`);
  if (lines.length + notes.length + faults.length === 0) return null;
  const source = managers.length > 0 ? ` and from what ${managers.join(' and ')} installed` : '';
  const body = [
    lines.length > 0 ? `Read by Pullwright from manifests and lockfiles${source}.` : '',
    faults.map((fault) => `- ⚠️ ${untrusted.line(fault, 500)}`).join('\n'),
    lines.join('\n'),
    ...notes.map((note) => untrusted.line(note, 500)),
  ]
    .filter(Boolean)
    .join('\n\n');
  const runsScripts = direct.some(({ installScripts }) => (installScripts?.length ?? 0) > 0);
  return { title: `Packages: ${summarize(packages)}`, isBad: faults.length > 0 || runsScripts, body };
}

function summarize({ direct, indirect }: Packages): string {
  const added = direct.filter(({ from }) => from === null).length;
  const removed = direct.filter(({ to }) => to === null).length;
  const counts = [
    [added, 'added'],
    [direct.length - added - removed, 'updated'],
    [removed, 'removed'],
    [indirect.added + indirect.updated + indirect.removed, 'others changed in lockfiles'],
  ] as const;
  const clauses = counts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : []));
  return clauses.join(', ') || 'not compared';
}

function describePackage(one: Package, untrusted: UntrustedText): string {
  const { name, manifest, from, to, dev } = one;
  const where = `in ${untrusted.name(manifest)}${dev ? ', for development' : ''}`;
  const version = (text: string | null) => untrusted.name((text ?? '').slice(0, 80));
  if (to === null) return `removed ${untrusted.name(name)} ${version(from)} ${where}`;
  const change =
    from === null
      ? `added ${untrusted.name(name)} ${version(to)}`
      : `updated ${untrusted.name(name)} from ${version(from)} to ${version(to)}`;
  return `${change} ${where}: ${describeContent(one, untrusted)}`;
}

function describeContent({ license, bytes, installScripts }: Package, untrusted: UntrustedText): string {
  if (bytes === null && installScripts === null) return 'not installed, so license and size are unknown';
  return [
    license === null ? 'states no license' : `license ${untrusted.line(license, 80)}`,
    bytes === null ? '' : formatSize(bytes),
    describeScripts(installScripts, untrusted),
  ]
    .filter(Boolean)
    .join(', ');
}

function describeScripts(scripts: Package['installScripts'], untrusted: UntrustedText): string {
  if (scripts === null) return '';
  if (scripts.length === 0) return 'no install scripts';
  const names = scripts.slice(0, 5).map((one) => untrusted.name(one));
  return `⚠️ install scripts: ${names.join(', ')}, which had no network access here`;
}

function formatSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
