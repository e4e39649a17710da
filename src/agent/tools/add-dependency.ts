import { z } from 'zod';
import type { AddedPackages } from '../../packages/add-packages.js';
import { PackageError } from '../../packages/ecosystem.js';
import { defineTool } from './define-tool.js';

export const addDependency = defineTool({
  name: 'add_dependency',
  description:
    "Add packages from the registry with the repository's package manager: changes manifest and lockfile, and " +
    'installs. Nothing else has network access. Without packages, updates the lockfile and installs what the ' +
    'manifest asks for, after you edited it.',
  input: z.object({
    packages: z
      .array(z.string())
      .max(20)
      .optional()
      .describe(
        'such as bytes@3.1.2; pip: requests==2.32.3; Go: golang.org/x/text@v0.14.0; Bundler: rack:~>3.0; ' +
          'Composer: monolog/monolog:^3.0',
      ),
    dev: z.boolean().optional().describe('needed only for development'),
    manifest: z
      .string()
      .optional()
      .describe('such as api/package.json or requirements-dev.txt; default: the one at the root'),
  }),
  summarize: ({ packages }) => packages?.join(' ') || 'packages of the manifests',
  call: async ({ packages = [], dev = false, manifest = null }, context) => {
    try {
      const added = await context.addPackages({ packages, dev, manifest });
      return { ok: true, text: renderAdded(added), editedFiles: added.changedFiles };
    } catch (error) {
      if (!(error instanceof PackageError)) throw error;
      return { ok: false, text: error.message };
    }
  },
});

function renderAdded({ installed, changedFiles }: AddedPackages): string {
  const packages = Object.entries(installed).map(([name, { version, license, installScripts }]) => {
    const scripts = installScripts?.length ? `, install scripts: ${installScripts.join(', ')}` : '';
    return `${name} ${version} (${license ?? 'no license stated'}${scripts})`;
  });
  return [
    `Installed${packages.length > 0 ? ` ${packages.join(', ')}` : ''}.`,
    changedFiles.length > 0 ? `Changed ${changedFiles.join(', ')}.` : 'No file had to change.',
  ].join(' ');
}
