// Prepares a clone: installs missing dependencies and bubblewrap, and builds the app. `npm test`, `npm run
// demo` and other scripts run this first. A new clone has no dependencies yet, so this file can import only
// modules of Node.js itself. With `--quiet`, it prints only errors.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const isQuiet = process.argv.includes('--quiet');

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 18))
  stop(`expected Node 20.18 or newer; found ${process.version}`);

installDependencies();
installBubblewrap();
build();

function installDependencies() {
  const marker = 'node_modules/.package-lock.json';
  const isStale = !existsSync(marker) || statSync(marker).mtimeMs < statSync('package-lock.json').mtimeMs;
  if (!isStale || isSameLockfile()) return;
  say('installing the dependencies of the lockfile (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync('node_modules/.pullwright-lockfile', readFileSync('package-lock.json'));
}

/**
 * Returns whether the content of the lockfile is still the one that was installed. File times do not show
 * this, because a checkout gives every file a new time.
 */
function isSameLockfile() {
  const copy = 'node_modules/.pullwright-lockfile';
  return existsSync(copy) && readFileSync(copy).equals(readFileSync('package-lock.json'));
}

function installBubblewrap() {
  if (process.platform !== 'linux' || isInstalled('bwrap')) return;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get'))
    stop(
      'bubblewrap is missing. Install it with your package manager, for example `sudo apt-get install bubblewrap`',
    );
  say('installing bubblewrap (apt-get)');
  const quiet = ['-y', '-qq', '-o', 'Dpkg::Use-Pty=0'];
  if (spawnSync('apt-get', ['install', ...quiet, 'bubblewrap'], { stdio: 'ignore' }).status !== 0) {
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', ...quiet, 'bubblewrap']);
  }
}

function build() {
  say('building (npm run build)');
  run('npm', ['run', '--silent', 'build']);
}

function isInstalled(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(path.join(folder, program)));
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0)
    stop(`${command} ${args.join(' ')} failed: ${error ? error.message : `exit code ${status}`}`);
}

function say(what) {
  if (!isQuiet) console.log(`prepare: ${what}`);
}

function stop(reason) {
  console.error(`prepare: ${reason}`);
  process.exit(1);
}
