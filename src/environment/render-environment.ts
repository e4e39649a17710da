import type { CiTest, Environment } from './environment.js';

/** Renders an environment as lines for a terminal, for people who try a repository. */
export function renderEnvironment(environment: Environment): string[] {
  const { installs, preparation, tests, found, unclear } = environment;
  return [
    ...found.map((line) => `found: ${line}`),
    ...installs.map((one) => renderCommand('install', one)),
    ...preparation.map((one) => renderCommand('prepare', one)),
    ...tests.map((one) => renderCommand('test', one)),
    ...unclear.map((line) => `unclear: ${line}`),
  ];
}

function renderCommand(label: string, { command, folder, source }: CiTest): string {
  const [line = '', ...more] = command.split('\n');
  const rest = more.length > 0 ? ` (and ${more.length} more lines)` : '';
  return `${label}: ${line}${rest}${folder === '' ? '' : `, in ${folder}`}, from ${source}`;
}
