import type { Feedback, ImageReference } from '../../task/task.js';

/**
 * Feedback for the agent. `hidden` describes the parts that were removed because GitHub does not show them.
 */
export interface ReadFeedback {
  value: Feedback;
  hidden: string[];
  images: ImageReference[];
}
