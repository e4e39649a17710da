import type { Repository, Trigger } from '../../task/task.js';

/** A repository, and since when it is looked at. */
export interface Place {
  repository: Repository;
  /** Nothing older is answered: the App was not there yet, or nobody waits for it any more. */
  since: Date;
  /** Comments are looked through from here on. */
  commentsSince: Date;
  /** When this round began. */
  begun: Date;
}

export interface FailedDelivery {
  guid: string;
  attempt: number;
}

/** What these two stories do. Nothing here is durable: what one round does not get to, the next one finds again. */
export interface FindMissedSteps {
  /** Failed deliveries that may ask for something, are not here, and that GitHub may be asked for again. */
  listFailed(): Promise<FailedDelivery[]>;
  redeliver(failed: FailedDelivery): Promise<void>;
  /** Where the App is installed, those first that were not looked at for longest; bounded. */
  listPlaces(): Promise<Place[]>;
  /** Open issues with a mapped label that no delivery told of, and without a live run. */
  findLabels(place: Place): Promise<Trigger[]>;
  /** Commands that no delivery told of, and that nobody answered. */
  findCommands(place: Place): Promise<Trigger[]>;
  /** Takes a trigger as if its delivery had come. */
  take(trigger: Trigger): Promise<void>;
  /**
   * Remembers that this one was looked through, or could not be: it is gone, or closed to the App.
   * @throws what ends the round: no connection, a limit of GitHub's
   */
  leave(place: Place, reason: unknown): Promise<void>;
}

/** GitHub never delivers again by itself: what failed has to be asked for. */
export async function askForRedelivery(steps: FindMissedSteps, signal: AbortSignal): Promise<void> {
  for (const failed of await steps.listFailed()) {
    if (signal.aborted) return;
    await steps.redeliver(failed);
  }
}

/** What no delivery told of, and none may tell of any more, is found on the issues themselves. */
export async function findMissed(steps: FindMissedSteps, signal: AbortSignal): Promise<void> {
  for (const place of await steps.listPlaces()) {
    if (signal.aborted) return;
    let reason: unknown = null;
    try {
      for (const trigger of await steps.findLabels(place)) await steps.take(trigger);
      for (const trigger of await steps.findCommands(place)) await steps.take(trigger);
    } catch (error) {
      reason = error;
    }
    await steps.leave(place, reason);
  }
}
