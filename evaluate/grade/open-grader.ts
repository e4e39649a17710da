import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createKeyPair } from '../../local-github/app/create-key-pair.js';
import { composeProvide } from '../../src/composition/provide.js';
import { readConfig } from '../../src/config/read-config.js';
import {
  chooseEgress,
  createSandboxes,
  egressRules,
  findRegistries,
  testSandbox,
} from '../../src/sandbox/sandbox.js';
import { createGrader, type Grader } from './grade.js';
import { createMeasureCommit, type MeasureCommit } from './measure-commit.js';

const megabyte = 1024 * 1024;

/**
 * Opens a grader that measures in the sandbox of this machine, with the operator's settings.
 * @param folder an existing folder that other users can enter
 * @param environment the settings for sandboxes and their network; docs/configuration.md explains them
 */
export async function openGrader(folder: string, environment: Record<string, string>): Promise<Grader> {
  return createGrader(folder, await openMeasure(folder, environment));
}

/**
 * Creates the function that measures commits in the sandbox of this machine. See `openGrader` for the
 * parameters.
 * @param home the folder with downloaded programs; default: `folder`
 */
export async function openMeasure(
  folder: string,
  environment: Record<string, string>,
  home = folder,
): Promise<MeasureCommit> {
  const own = Object.entries(environment).filter(([name]) => /^(?:SANDBOX|EGRESS)/.test(name));
  const config = readConfig({
    ...Object.fromEntries(own),
    // These settings have no effect here, but readConfig requires them.
    APP_ID: '1',
    PRIVATE_KEY: createKeyPair().privateKey,
    WEBHOOK_SECRET: 'unused by the grader',
    ANTHROPIC_API_KEY: 'unused',
  });
  const { sandbox, egress } = config;
  const registries = egress.mode === 'none' ? null : await findRegistries();
  const sandboxFolder = path.join(folder, 'sandbox');
  await mkdir(sandboxFolder, { recursive: true });
  const sandboxes = await createSandboxes({
    ...sandbox,
    folder: sandboxFolder,
    mountRoots: [...new Set([folder, home])],
    packages: registries ?? { environment: {}, files: [] },
    limits: {
      memoryBytes: sandbox.memoryMb * megabyte,
      processes: sandbox.processes,
      fileBytes: sandbox.diskMb * megabyte,
      tmpBytes: 1024 * megabyte,
      diskBytes: sandbox.diskMb * megabyte,
      diskFiles: sandbox.files,
      outputBytes: sandbox.outputMb * megabyte,
      timeMs: sandbox.commandMinutes * 60_000,
    },
    // This code runs from its sources, but the sandbox needs the compiled program.
    egressProgram: path.resolve(import.meta.dirname, '../../dist/sandbox/egress/egress-program.js'),
  });
  await testSandbox(sandboxes, sandboxFolder);
  const rules = egressRules(egress, registries);
  return createMeasureCommit({
    folder,
    sandboxes,
    egressOf: (repository) => chooseEgress(rules, repository, null),
    provide: composeProvide({ config: { home, sandbox }, sandboxes }),
  });
}
