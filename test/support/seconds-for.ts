/** The processor's time that something takes: what else the machine does is no part of it. */
export async function secondsFor(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
