/**
 * The agent that a label is given to; null for nobody's. GitHub knows labels without regard to case, and so do we.
 */
export function agentOfLabel(labels: Readonly<Record<string, string>>, label: string): string | null {
  const found = Object.keys(labels).find((name) => name.toLowerCase() === label.toLowerCase());
  return found === undefined ? null : (labels[found] ?? null);
}
