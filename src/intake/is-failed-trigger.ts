/** One attempt to hand over a delivery, as GitHub lists it. */
interface ListedAttempt {
  event: string;
  action: string | null;
  status_code: number;
}

/** Whether GitHub could not hand over something that may be a trigger. */
export function isFailedTrigger({ event, action, status_code: status }: ListedAttempt): boolean {
  const mayTrigger =
    (event === 'issues' && action === 'labeled') || (event === 'issue_comment' && action === 'created');
  return mayTrigger && !(status >= 200 && status < 400);
}
