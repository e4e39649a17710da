/**
 * Measures the CPU time of `work`, relative to a loop that takes about 0.02 seconds on a server of 2025. The
 * result therefore does not depend on the machine's speed or on other programs.
 * @returns a multiple of the loop's CPU time
 */
export async function measureCpu(work: () => unknown): Promise<number> {
  const unit = await measureSeconds(loop);
  return (await measureSeconds(work)) / unit;
}

function loop(): number {
  // Jest makes every access to a global slow.
  const { imul } = Math;
  let hash = 0;
  for (let round = 0; round < 2e7; round++) hash = (imul(hash, 31) + round) | 0;
  return hash;
}

async function measureSeconds(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
