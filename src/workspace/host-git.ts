import { type SimpleGit, simpleGit } from 'simple-git';

/*
 * The only place where git runs on the host. It never sees a work tree, an index, a hook or a config that a sandbox
 * could write: it is given bare repositories of our own and an environment of our own, nothing else.
 */

export interface HostGitOptions {
  /** The bare repository to work in. */
  gitDir: string;
  /** Object folders of other repositories of ours that this one stands on. */
  alternates?: string[];
  /** A token and the only place that it is sent to. */
  credential?: { webUrl: string; token: string };
  /** Standard input of the command. */
  input?: Buffer | string;
  /** For how long it may say nothing; five minutes when left out. */
  silenceMs?: number;
  /** Who commits, when (ISO 8601). */
  identity?: { name: string; email: string; date: string };
}

const fixedConfig = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.attributesFile': '/dev/null',
  'core.quotePath': 'false',
  // World-readable objects: the sandbox's user reads the mirror. The folder above it is closed to everybody else.
  'core.sharedRepository': '0644',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'submodule.recurse': 'false',
  // A redirect must not be handed the token; moved repositories are found by their id through the API.
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '60',
};

export function hostGit(options: HostGitOptions): SimpleGit {
  const config: Record<string, string> = { ...fixedConfig };
  if (options.credential) {
    const basic = Buffer.from(`x-access-token:${options.credential.token}`).toString('base64');
    config[`http.${options.credential.webUrl}/.extraHeader`] = `Authorization: Basic ${basic}`;
  }
  // Config and token travel in the environment: an argument would show in the list of processes.
  const environment: Record<string, string> = {
    PATH: programPath,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_DIR: options.gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CONFIG_COUNT: String(Object.keys(config).length),
    ...(options.alternates && { GIT_ALTERNATE_OBJECT_DIRECTORIES: options.alternates.join(':') }),
    ...(options.identity && identityEnvironment(options.identity)),
  };
  Object.entries(config).forEach(([name, value], index) => {
    environment[`GIT_CONFIG_KEY_${index}`] = name;
    environment[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  const { input } = options;
  return simpleGit({
    baseDir: '/',
    ...(input !== undefined && { input: () => input }),
    allowEnvironment: Object.keys(environment),
    // simple-git blocks hardening settings too, until it is told that they are meant.
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeProtocolOverride: true,
    },
    timeout: { block: options.silenceMs ?? 300_000 },
  }).env(environment);
}

const programPath = '/usr/local/bin:/usr/bin:/bin';

function identityEnvironment({ name, email, date }: { name: string; email: string; date: string }) {
  return {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
    GIT_COMMITTER_DATE: date,
  };
}
