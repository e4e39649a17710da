import { Outcome } from '../../runs/outcome.js';

/**
 * Removes credentials from an outcome, because an outcome can quote a program or the agent.
 * @param redact removes credentials from a text
 */
export async function redactOutcome(
  outcome: Outcome,
  redact: (text: string) => Promise<string>,
): Promise<Outcome> {
  return Outcome.parse(await redactStrings(outcome, redact));
}

async function redactStrings(value: unknown, redact: (text: string) => Promise<string>): Promise<unknown> {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return Promise.all(value.map((item) => redactStrings(item, redact)));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(async ([name, field]) => [
    name,
    await redactStrings(field, redact),
  ]);
  return Object.fromEntries(await Promise.all(fields));
}
