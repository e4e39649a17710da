/** Path prefix of the control API. */
export const controlRoot = '/_control';

export interface ControlRequest {
  method: string;
  /** The whole path, including `/_control`. */
  path: string;
  contentType: string;
  /** The parsed JSON body. Null when the request has no body. */
  body: unknown;
}
