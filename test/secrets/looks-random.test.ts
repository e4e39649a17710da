import { describe, expect, test } from '@jest/globals';
import { createRandom } from '../../bench/random.js';
import { isPlaceholder, looksRandom, looksStrong } from '../../src/secrets/looks-random.js';
import { fillTemplate } from './fill-template.js';

describe('a value looks random', () => {
  test.each(['{{random 24}}', '{{random 40}}', '{{hex 40}}', '{{base64 44}}', '{{base36 40}}'])(
    'in nearly every draw of %s',
    (template) => {
      const draws = Array.from({ length: 200 }, (_, seed) => fillTemplate(template, createRandom(seed)));
      expect(draws.filter((text) => looksRandom(text)).length).toBeGreaterThan(184);
      expect(draws.filter((text) => looksRandom(text, true)).length).toBeGreaterThan(194);
    },
  );

  test.each([
    'thisIsNotARealTokenButALongName',
    'PASSWORD_RESET_TOKEN_EXPIRES',
    'my-application-name-2024-eu-west-1',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    '1234567890abcdef1234567890abcdef',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'AKIAIOSFODNN7EXAMPLE',
    '{{ secrets.PRODUCTION_TOKEN_2 }}',
    '0000000000000000000000000000000000000001',
  ])('but not %s', (value) => {
    expect(looksRandom(value)).toBe(false);
    expect(looksRandom(value, true)).toBe(false);
  });
});

describe('a password', () => {
  test.each([
    ['postgres', ''],
    ['P@ssw0rd123!', ''],
    ['changeme', ''],
    ['your-secret-here', ''],
    ['conduit', 'conduit'],
    ['conduit_dev', 'conduit'],
    ['$DB_PASSWORD', ''],
    ['<password>', ''],
    ['arn:aws:secretsmanager:eu-west-1:123456789012:secret:db', ''],
    ['Admin123!', ''],
  ])('%s hides nothing', (value, user) => {
    expect(isPlaceholder(value, user)).toBe(true);
    expect(looksStrong(value, user)).toBe(false);
  });

  test.each(['Tr0ub4dor&3', 'Gr8Shop!2024', 'hG7kP2-mXq9'])('%s is meant to be strong', (value) => {
    expect(isPlaceholder(value)).toBe(false);
    expect(looksStrong(value)).toBe(true);
  });
});
