export const applicationName = 'pullwright';

/**
 * The version of the workflows. By default, DBOS uses a hash of the code. With that default, every deployment
 * would restart all runs that are in progress. Raise this version only when you change the order or the names
 * of a workflow's steps, or the result of a step.
 */
export const applicationVersion = 'workflows-8';
