/** @returns the CPU seconds that the work takes, so that other load on the machine does not count */
export async function measureCpuSeconds(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
