import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

const schemaFile = createRequire(import.meta.url).resolve('@octokit/webhooks-schemas/schema.json');

let ajv: Ajv | undefined;

/**
 * Validates a payload against GitHub's webhook schema.
 * @returns one line for each mismatch
 */
export function validateDelivery(event: string, payload: Record<string, unknown>): string[] {
  const name = `${event}$${payload.action}`;
  const validate = validatorFor(name);
  if (!validate) return [`the delivery ${name} is not an event of GitHub's webhook schemas`];
  validate(payload);
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) =>
      `the delivery ${name} does not match GitHub's webhook schema: ` +
      `${instancePath || 'payload'} ${message} ${JSON.stringify(params)}`,
  );
}

/** Returns the validator of an event. Compiles its schema on first use. */
function validatorFor(name: string): ValidateFunction | undefined {
  if (!ajv) {
    // Turn off inlining and optimization. With them, the schema of the first event takes 2.6 s to compile
    // instead of 0.3 s.
    const quick = { inlineRefs: false, code: { optimize: false } };
    ajv = new Ajv({ strict: false, allErrors: true, logger: false, ...quick });
    formats.default(ajv, ['date-time', 'uri', 'uri-template']);
    ajv.addSchema(JSON.parse(readFileSync(schemaFile, 'utf8')), 'webhooks');
  }
  return ajv.getSchema(`webhooks#/definitions/${encodeURIComponent(name)}`);
}
