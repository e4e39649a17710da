import type { Pool } from 'pg';
import type { ModelClient } from '../agent/model.js';
import type { Model } from '../agent/models.js';
import type { Config } from '../config/read-config.js';
import type { Queryable } from '../database/queryable.js';
import type { Queue } from '../engine/queue.js';
import type { GitHub } from '../github/github.js';
import type { Log } from '../log.js';
import type { Agent } from '../task/agent-file.js';
import type { Mirrors, Workspaces } from '../workspace/workspace.js';
import type { Publisher } from './run/publisher.js';

/** Everything that the steps of the workflows work with. `composition/` builds it once per process. */
export interface Dependencies {
  config: Config;
  workerId: string;
  /** Refuses every query once this worker has lost its lease: another worker may continue its runs. */
  db: Queryable;
  /** For transactions. Call `confirmLease` in each of them. */
  pool: Pool;
  /** @throws Fenced when this worker has lost its lease */
  confirmLease(): Promise<void>;
  queue: Queue;
  github: GitHub;
  mirrors: Mirrors;
  workspaces: Workspaces;
  /** The operator's agents. */
  agents: readonly Agent[];
  model: ModelClient;
  /** The model that an agent runs on. */
  modelOf(agent: Agent): Model;
  publisher: Publisher;
  /** Every credential of this process that is valid now. None of them may leave this process. */
  activeSecrets(): string[];
  log: Log;
  now(): Date;
}
