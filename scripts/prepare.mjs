// Set-up that `npm test`, `npm run demo` and the like do by themselves, on a bare clone too: only Node's own modules
// may be used here. Says what it does; does nothing the second time.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 18)) stop(`Node >= 20.18 is needed; this is ${process.version}`);

installDependencies();
installBubblewrap();
build();

function installDependencies() {
  const marker = 'node_modules/.package-lock.json';
  const stale = !existsSync(marker) || statSync(marker).mtimeMs < statSync('package-lock.json').mtimeMs;
  if (!stale || sameLockfile()) return;
  console.log('prepare: installing dependencies by the lockfile (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync('node_modules/.pullwright-lockfile', readFileSync('package-lock.json'));
}

/** A checkout sets new times: what counts is the lockfile that the dependencies were installed from. */
function sameLockfile() {
  const copy = 'node_modules/.pullwright-lockfile';
  return existsSync(copy) && readFileSync(copy).equals(readFileSync('package-lock.json'));
}

function installBubblewrap() {
  if (process.platform !== 'linux' || found('bwrap')) return;
  const hint =
    'bubblewrap is missing: install it with your package manager, for example `sudo apt-get install bubblewrap`';
  if (process.getuid?.() !== 0 || !found('apt-get')) stop(hint);
  console.log('prepare: installing bubblewrap (apt-get)');
  const quiet = ['-y', '-qq', '-o', 'Dpkg::Use-Pty=0'];
  if (spawnSync('apt-get', ['install', ...quiet, 'bubblewrap'], { stdio: 'ignore' }).status !== 0) {
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', ...quiet, 'bubblewrap']);
  }
}

function build() {
  console.log('prepare: building (npm run build)');
  run('npm', ['run', '--silent', 'build']);
}

function found(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    stop(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` (exit code ${status})`}`);
}

function stop(why) {
  console.error(`prepare: ${why}`);
  process.exit(1);
}
