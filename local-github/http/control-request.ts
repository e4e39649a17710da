/** The control API is below this path. */
export const controlRoot = '/_control';

export interface ControlRequest {
  method: string;
  /** The whole path, `/_control` included. */
  path: string;
  contentType: string;
  /** Parsed JSON; null when there is none. */
  body: unknown;
}
