import { asText, type Values } from '../values.js';

/** Actions that run a command, with the inputs that hold it. */
const commandActions: [RegExp, (inputs: Values) => string][] = [
  [/^(?:nick-fields|nick-invision)\/retry$/, ({ command }) => asText(command) ?? ''],
  [/^wandalen\/wretry\.action$/, ({ command }) => asText(command) ?? ''],
  [/^(?:gabrielbb|coactions)\/(?:xvfb-action|setup-xvfb)$/, ({ run }) => asText(run) ?? ''],
  [/^actions-rs\/cargo$/, ({ command, args }) => `cargo ${asText(command) ?? ''} ${asText(args) ?? ''}`],
  [/^bahmutov\/npm-install$/, ({ 'install-command': command }) => asText(command) ?? 'npm install'],
  [/^borales\/actions-yarn$/, ({ cmd }) => `yarn ${asText(cmd) ?? ''}`],
  [/^jarvusinnovations\/background-action$/, readBackground],
  [/^(?:gradle\/gradle-build-action|burrunan\/gradle-cache-action)$/, readGradle],
];

function readGradle({ arguments: words }: Values): string {
  return asText(words) ? `./gradlew ${asText(words)}` : '';
}

function readBackground({ run, 'wait-on': resources }: Values): string {
  const started = (asText(run) ?? '').trim().replace(/\s*&$/, '');
  const awaited = (asText(resources) ?? '').split(/[\s,]+/).filter(Boolean);
  return started && [`${started} &`, ...awaited.map((one) => `npx wait-on ${one}`)].join('\n');
}

/** Returns the commands that an action runs; null if they are not known. */
export function readCommandAction(uses: string | null, inputs: Values): string | null {
  const [action = ''] = (uses ?? '').toLowerCase().split('@');
  const command = commandActions
    .find(([pattern]) => pattern.test(action))?.[1](inputs)
    .trim();
  return command || null;
}
