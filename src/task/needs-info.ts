/**
 * The label of an issue on which the agent has asked a question. A comment on that issue counts as an answer.
 */
export const needsInfoLabel = 'needs-info';
