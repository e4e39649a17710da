/** On an issue that the agent asked something of; a comment there is an answer. */
export const needsInfoLabel = 'needs-info';
