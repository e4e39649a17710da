/** The commands, as people are told of them: in every progress comment, and where one could not be read. */
export const commands = '`/status` · `/stop [keep]` · `/retry [from scratch]` · `/implement <words>`';

const answers = {
  commands: `I could not read that. A command stands alone at the start of a line:

- \`/implement <words>\`: starts a run; the words tell the agent more. \`/implement @agent\` says which agent, \`--anyway\` that it is wanted although it may be done already.
- \`/status\`: how far it is.
- \`/stop\`: ends it. \`/stop keep\` makes a draft of the work so far.
- \`/retry\`: goes on where the last run ended. \`/retry from scratch\` begins it anew.`,
  'nothing-to-stop':
    'Nothing is going here, so there is nothing to stop. `/retry` goes on with the last run.',
  'nothing-to-retry': 'Nothing was run here yet. `/implement` starts a run.',
  'already-going':
    'A run is going already. `/status` says how far it is; `/stop` ends it, and then `/retry` goes on.',
} as const;

/** Short answers to commands that start and end nothing. */
export function sayAnswer(topic: keyof typeof answers): string {
  return answers[topic];
}
