const remedies: [pattern: RegExp, explanation: string][] = [
  [
    /no container engine|no such image|image not known|unable to find image|pull access denied/i,
    'the sandbox needs Docker or Podman, and the image that SANDBOX_IMAGE names must be pulled or built ' +
      'on this machine',
  ],
  [
    /Perl-compatible regexes|pcre/i,
    'the agent’s tool `search` needs a git that was built with Perl-compatible regular expressions ' +
      '(USE_LIBPCRE), as the packages of Linux distributions are',
  ],
  [/\b(?:OCI|crun|runc|docker: )\b/, 'the container engine refused to run a command'],
  [
    new RegExp(
      [
        "ENOENT|execvp|No such file or directory: 'bwrap'",
        'failed to execute (?:bwrap|setpriv|prlimit)|(?:bwrap|setpriv|prlimit): command not found',
      ].join('|'),
      'i',
    ),
    'the sandbox needs bubblewrap and util-linux: install them with your package manager ' +
      '(apt-get install bubblewrap util-linux)',
  ],
  [
    new RegExp(
      [
        'setting up uid map|No permissions to create new namespace',
        'Creating new namespace failed|Operation not permitted',
      ].join('|'),
      'i',
    ),
    'this system does not let bubblewrap create user namespaces. On Ubuntu 24.04 and later, give ' +
      '/usr/bin/bwrap an AppArmor profile with `userns,` (see docs/configuration.md); elsewhere, set the ' +
      'sysctl kernel.unprivileged_userns_clone=1; in a container, see docs/configuration.md; or run ' +
      'commands in containers (SANDBOX=container)',
  ],
  [
    /Can't (?:find|mkdir|bind)|Permission denied/i,
    "the sandbox's user cannot reach PULLWRIGHT_HOME: let other users enter every folder above it " +
      '(chmod o+x), or choose another folder',
  ],
];

/**
 * Explains to the operator why a command could not run in the sandbox, and names the remedy.
 * @param output error output of bubblewrap, the container engine or the kernel
 */
export function explainFailure(output: string): string {
  const text = output.trim().slice(0, 400);
  const explanation = remedies.find(([pattern]) => pattern.test(text))?.[1];
  return explanation
    ? `${explanation} (${text})`
    : `a command in the sandbox failed: ${text || 'it printed nothing'}`;
}
