/**
 * How much a model works on each reply, from least to most. A higher effort means more thinking and longer
 * replies. Not every model accepts every value.
 */
export const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
export type Effort = (typeof efforts)[number];
