import type { Feedback } from '../../task/task.js';

/** Feedback, and what was hidden in it, in words. */
export interface ReadFeedback {
  value: Feedback;
  hidden: string[];
}
