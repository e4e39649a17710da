import { generateKeyPairSync } from 'node:crypto';
import { findSecrets, holdsActiveSecret } from '../../src/secrets/find-secrets.js';
import type { HostileInput } from './hostile-input.js';

/** Drawn at random once, and of no known kind. */
const secret = 'k7Qw9ZxT/2bN4vM8cR6yH+1jL3pD5sF0gA';
const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const activeSecrets = [...Array.from({ length: 50 }, (_, index) => `${index}${secret}${index}`), privateKey];
const parts = [
  secret.slice(0, 9),
  `${secret} `,
  Buffer.from(secret).toString('base64'),
  ' ',
  '日本',
  'const a = 1;\n',
];

const starts = [
  ...[
    'ghp_a',
    'eyJ-',
    'eyJaaaaaaaaaaa.eyJ-',
    'AKIA1',
    'xoxb-a-',
    '-----BEGIN PRIVATE KEY-----\n',
    '-----BEGIN A ',
  ],
  ...[
    '://a:',
    '://a:b@',
    'jdbc:',
    'Server=',
    'Server=a;password=ab',
    ';pwd=a1B!xyzw',
    'jdbc:oracle:thin:a/',
    'password=',
  ],
  ...[
    '"secret"',
    'token, "',
    'curl -u ',
    'curl ',
    'mysql -p',
    'mysql ',
    'machine a login b password ',
    'Basic ',
    'x:1:a:b:',
  ],
  ...[
    'Bearer ',
    'SG.a.',
    'lin_api_',
    'ops_ey',
    'T3BlbkFJ',
    'mongodb://a',
    'https://',
    'hooks.slack.com/services/T/B',
  ],
  ...['-----BEGIN PRIVATE KEY-----\nA-b: ', '+ ', '\\', '["', ' ', 'a-b_c.', '1', 'password  '],
];

/** Text that repeatedly begins like a credential. */
export const secretLikeText: HostileInput[] = [
  ...starts.map((start) => {
    const text = start.repeat((100 * 1024) / start.length);
    return {
      name: `searching for credentials in repetitions of ${JSON.stringify(start)}`,
      maxUnits: 100,
      work: () => findSecrets(text, []),
    };
  }),
  ...parts.map((part) => {
    const text = part.repeat((2 * 1024 * 1024) / part.length);
    return {
      name: `searching for active secrets in two megabytes of ${JSON.stringify(part)}`,
      maxUnits: 250,
      work: () => holdsActiveSecret(`${text}!`, activeSecrets),
    };
  }),
];
