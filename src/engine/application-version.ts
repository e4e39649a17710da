export const applicationName = 'pullwright';

/**
 * The version of the workflows. It is not DBOS's default, the hash of the code, because with that every
 * deploy would restart the runs in flight. Raise it only when you change the order or the names of a
 * workflow's steps, or what a step returns.
 */
export const applicationVersion = 'workflows-1';
