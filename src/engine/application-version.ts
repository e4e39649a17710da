export const applicationName = 'pullwright';

/**
 * Of the stories. Not the hash of the code, DBOS's default: with that every deploy would begin the runs in flight anew.
 * Raise it only together with a change to the order of a story's steps, or to what they return.
 */
export const applicationVersion = 'workflows-1';
