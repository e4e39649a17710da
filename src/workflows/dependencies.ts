import type { Pool } from 'pg';
import type { Config } from '../config/read-config.js';
import type { Queryable } from '../database/queryable.js';
import type { Queue } from '../engine/queue.js';
import type { GitHub } from '../github/github.js';
import type { EncodeImage } from '../images/image-encoder.js';
import type { Log } from '../log.js';
import type { McpServers } from '../mcp/mcp-servers.js';
import type { ModelClient } from '../model/model.js';
import type { FindModel } from '../model/models.js';
import type { Agent } from '../task/agent-file.js';
import type { Mirrors, Workspaces } from '../workspace/workspace.js';
import type { Publisher } from './run/publisher.js';

/** The objects that the steps of workflows use. `composition/` builds them once per process. */
export interface Dependencies {
  config: Config;
  workerId: string;
  /**
   * Every query fails after this worker has lost its lease, because another worker may then continue this
   * worker's runs.
   */
  db: Queryable;
  /** The connection pool for transactions. Every transaction must call `confirmLease`. */
  pool: Pool;
  /**
   * Checks that this worker still has its lease.
   * @throws Fenced when this worker has lost its lease
   */
  confirmLease(): Promise<void>;
  queue: Queue;
  github: GitHub;
  mirrors: Mirrors;
  workspaces: Workspaces;
  /** The agents that the operator defined. A repository can have more agents. */
  agents: readonly Agent[];
  mcp: McpServers;
  encodeImage: EncodeImage;
  model: ModelClient;
  findModel: FindModel;
  publisher: Publisher;
  /**
   * Returns every currently valid credential of this process. None of them may appear in a text that leaves
   * the process.
   */
  activeSecrets(): string[];
  log: Log;
  now(): Date;
}
