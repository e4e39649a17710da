/**
 * Finds the agent that a label is mapped to. Ignores the case of the label, as GitHub does.
 * @param labels maps each label to the name of an agent
 * @returns null if the label is not mapped
 */
export function agentOfLabel(labels: Readonly<Record<string, string>>, label: string): string | null {
  const found = Object.keys(labels).find((name) => name.toLowerCase() === label.toLowerCase());
  return found === undefined ? null : (labels[found] ?? null);
}
