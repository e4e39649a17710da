/** The label of an issue on which the agent has asked a question. A comment there is an answer. */
export const needsInfoLabel = 'needs-info';
