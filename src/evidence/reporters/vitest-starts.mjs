// A reporter for Vitest. It records when tests started and ended, as the processes that ran them measured it.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openReport } from './open-report.cjs';

export default class StartsReporter {
  /** Vitest 3 and newer call this. */
  onTestRunEnd(modules) {
    this.write(modules.map((one) => one.task));
  }

  /** Older versions call this. Vitest 3 calls both. */
  onFinished(files = []) {
    this.write(files);
  }

  write(files) {
    if (this.isWritten) return;
    this.isWritten = true;
    const file = fileURLToPath(new URL(`./starts-${process.pid}.jsonl`, import.meta.url));
    const send = openReport(path.normalize(file));
    for (const one of files) for (const event of listEvents(one, [])) send({ ...event, file: one.filepath });
  }
}

function* listEvents(task, parents) {
  for (const one of task.tasks || []) {
    const names = [...parents, one.name];
    yield* listEvents(one, names);
    const { startTime, duration = 0 } = one.result || {};
    if (one.type === 'suite' || !startTime) continue;
    yield { type: 'start', at: Math.floor(startTime), names };
    yield { type: 'end', at: Math.floor(startTime + duration), names };
  }
}
