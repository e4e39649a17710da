import { deserializeMessage, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import type { Command, Execution, Sandbox } from '../sandbox/sandbox.js';

/** Every line costs time in this process, so a server that writes more lines is killed. */
const maxLines = 100_000;
const maxOtherLines = 1000;

/** Connects to a server that runs in a sandbox. One line of its standard streams is one message. */
export class SandboxTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** The first line that is not a message; null if there is none. */
  firstOther: string | null = null;
  /** Whether the server was killed because it wrote too many lines. */
  isFlooded = false;
  #lines = 0;
  #otherLines = 0;
  readonly #stop = new AbortController();
  #send: ((line: string) => void) | null = null;
  #execution: Promise<Execution> | null = null;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly command: Omit<Command, 'dialogue' | 'signal'>,
  ) {}

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#execution = this.sandbox.execute({
        ...this.command,
        signal: this.#stop.signal,
        dialogue: {
          onStart: (send) => {
            this.#send = send;
            resolve();
          },
          onLine: (line) => this.#receive(line),
        },
      });
      this.#execution
        // If the sandbox starts no command, the execution ends before `onStart`.
        .then(() => resolve(), reject)
        .finally(() => {
          this.#send = null;
          this.onclose?.();
        });
    });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.#send) throw new Error('the server has ended');
    this.#send(JSON.stringify(message));
  }

  /** Kills the server. Resolves when all of its processes have ended. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#execution?.catch(() => {});
  }

  /**
   * Resolves when the server has ended.
   * @throws the error for which it could not be started
   */
  async ended(): Promise<Execution | null> {
    return this.#execution;
  }

  #receive(line: string): void {
    if (this.isFlooded) return;
    this.#lines += 1;
    try {
      this.onmessage?.(deserializeMessage(line));
    } catch {
      // A server may print other text, for example when it starts.
      this.#otherLines += 1;
      if (line.trim() !== '') this.firstOther ??= line.slice(0, 200).toWellFormed();
    }
    this.isFlooded = this.#lines > maxLines || this.#otherLines > maxOtherLines;
    if (this.isFlooded) this.#stop.abort();
  }
}
