import { expect, test } from '@jest/globals';
import { composeProvide } from '../../src/composition/provide.js';
import { emptyEnvironment } from '../../src/environment/environment.js';
import type { Sandboxes } from '../../src/sandbox/sandbox.js';
import { postgres } from '../services/use-services.js';

const provide = composeProvide({
  config: { home: '/nowhere', sandbox: { backend: 'none' } },
  sandboxes: {} as Sandboxes,
  provideToolchains: async (toolchains, allowDownload) => ({
    mounts: [],
    path: [],
    missing: [],
    provided: [`${toolchains.length} toolchains, download ${allowDownload}`],
    variables: { FROM: 'toolchains', OWN: '1' },
  }),
});

test('a machine without isolation provides no service, and says why', async () => {
  const environment = {
    ...emptyEnvironment,
    services: [postgres()],
    variables: { FROM: 'ci', LD_PRELOAD: '/x' },
  };
  const provision = await provide(environment, { allowed: [], notGranted: [] });
  expect(provision).toEqual({
    ...{ mounts: [], path: [], services: null, provided: ['0 toolchains, download true'] },
    variables: { FROM: 'toolchains', OWN: '1' },
    missing: [
      expect.stringMatching(/^The service postgres \(postgres:18, from ci.yml\) .* With SANDBOX=none/),
    ],
  });
});
