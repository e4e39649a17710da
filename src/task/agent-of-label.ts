/**
 * Finds the agent that a label is mapped to. Labels are compared without case, as GitHub does.
 * @param labels label -> agent name
 * @returns null if the label is not mapped
 */
export function agentOfLabel(labels: Readonly<Record<string, string>>, label: string): string | null {
  const found = Object.keys(labels).find((name) => name.toLowerCase() === label.toLowerCase());
  return found === undefined ? null : (labels[found] ?? null);
}
