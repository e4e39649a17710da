import { expect, test } from '@jest/globals';
import { mapPaths } from '../../../src/sandbox/backends/map-paths.js';

test('only whole paths are replaced, in both directions', () => {
  const { toHost, toSandbox } = mapPaths([
    { from: '/srv/runs/1/tree', to: '/workspace' },
    { from: '/srv/runs/1/tmp', to: '/tmp' },
  ]);
  const replaced = `cd /workspace; cat '/workspace/a' "/tmp/b" X=/tmp:/workspace`;
  const kept = '/tmpfile /var/tmp ./tmp /workspace.bak /workspace-2 a/workspace';
  const onHost = `cd /srv/runs/1/tree; cat '/srv/runs/1/tree/a' "/srv/runs/1/tmp/b" X=/srv/runs/1/tmp:/srv/runs/1/tree`;
  expect(toHost(`${replaced} ${kept}`)).toBe(`${onHost} ${kept}`);
  expect(toSandbox(`${onHost} ${kept}`)).toBe(`${replaced} ${kept}`);
});
