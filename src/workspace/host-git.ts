import { type SimpleGit, simpleGit } from 'simple-git';

/*
 * All git commands on the host run here. They use only our own bare repositories and our own environment. Git
 * never reads a work tree, an index, a hook or a config that a sandbox can write.
 */

export interface HostGitOptions {
  /** Path of the bare repository. */
  gitDir: string;
  /** Object folders of our other repositories, which git searches in addition to the objects in `gitDir`. */
  alternates?: string[];
  /** A token, and the URL of the only server that receives it. */
  credential?: { webUrl: string; token: string };
  /** The standard input of the command. */
  input?: Buffer | string;
  /** Git is killed after this many milliseconds without output. The default is five minutes. */
  silenceMs?: number;
  /** Author and committer of a commit. The date is in ISO 8601 or in git's raw format. */
  identity?: { name: string; email: string; date: string };
  /** Path of an index that only this process uses. Without it, commands have no index. */
  indexFile?: string;
}

const fixedConfig = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.attributesFile': '/dev/null',
  'core.quotePath': 'false',
  // The sandboxes run as another user, who must be able to read the mirror's objects. The permissions of the
  // parent folder keep all other users out.
  'core.sharedRepository': '0644',
  'credential.helper': '',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'protocol.allow': 'never',
  'protocol.http.allow': 'always',
  'protocol.https.allow': 'always',
  'submodule.recurse': 'false',
  // The target of a redirect must not get the token. We need no redirects, because we ask GitHub's API for
  // the current name of a renamed repository.
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
  // The config and the token are passed as environment variables, because every user can see a program's
  // arguments in the list of processes.
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
    ...(options.indexFile && { GIT_INDEX_FILE: options.indexFile }),
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
    // simple-git blocks these settings because they can be dangerous. We use them to harden git.
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
