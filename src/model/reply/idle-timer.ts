export interface IdleTimer {
  /** Is aborted when the time since the last restart reaches the timeout. */
  signal: AbortSignal;
  restart(): void;
  stop(): void;
}

export function createIdleTimer(timeoutMs: number): IdleTimer {
  const controller = new AbortController();
  let timer: NodeJS.Timeout;
  const stop = () => clearTimeout(timer);
  const restart = () => {
    stop();
    timer = setTimeout(() => controller.abort(), timeoutMs);
  };
  restart();
  return { signal: controller.signal, restart, stop };
}
