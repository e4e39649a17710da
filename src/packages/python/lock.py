# Adds packages with Poetry or uv, and updates a lockfile that does not fit its manifest, without running code
# of a package. Then writes the locked packages that are not installed into a requirements file with hashes.
# Its argument is a job, as JSON (locked-program.ts).
import json, os, re, shutil, subprocess, sys

job = json.loads(sys.argv[1])

def fail(message):
    sys.exit('error: ' + message)

def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding='utf-8', errors='replace')
    if done.returncode != 0:
        fail(explain(done.stdout + done.stderr))
    return done.stdout

def explain(output):
    if re.search('no program may be started|no archive may be unpacked|no usable wheels|[Bb]uilding source distributions .{0,80} is disabled', output):
        return 'A package is only there as source code. The build of a package runs its code with network access, so it cannot be added'
    # Poetry then prints where in its own code the error was found.
    said = re.split(r'^\s*at \S+:\d+', output, flags=re.MULTILINE)[0]
    return ' '.join(' '.join(line.split()) for line in said.splitlines()[-20:] if line.strip())[-280:]

def poetry(*args):
    program = shutil.which('poetry') or fail('poetry is not installed')
    with open(program, encoding='utf-8', errors='replace') as opened:
        interpreter = re.fullmatch(r'#!\s*(/\S*python[\d.]*)\s*', opened.readline()) or fail(f'{program} is no Python program')
    return run(interpreter.group(1), '-I', '-c', job['guard'], program, *args)

def lock_with_poetry():
    read_state = lambda: json.loads(poetry('state').splitlines()[-1])
    if job['specs']:
        poetry('add', '--lock', *(['--dev'] if job['dev'] else []), *job['specs'])
    elif not read_state()['fits']:
        # Since version 2, Poetry does not update packages unless it must.
        poetry('lock', *(['--no-update'] if ' 1.' in poetry('--version') else []))
    os.chdir(job['root'])
    hashes = read_state()['hashes']
    operation = re.compile(r'\W*(?:Installing|Updating|Downgrading) ([\w.-]+) \((?:\S+ -> )?([^\s()]+)\)(?!: Skipped)', re.ASCII)
    for line in poetry('install', '--dry-run', '--no-root').splitlines():
        found = operation.match(line)
        if found:
            pin = re.sub(r'[-_.]+', '-', found.group(1)).lower() + '==' + found.group(2)
            yield pin + ''.join(' --hash=' + one for one in hashes.get(pin, []))

def lock_with_uv():
    if job['specs']:
        run('uv', 'add', '--no-build', '--no-sync', *(['--dev'] if job['dev'] else []), *job['specs'])
    elif subprocess.run(['uv', 'lock', '--no-build', '--locked'], stdout=subprocess.PIPE, stderr=subprocess.PIPE).returncode != 0:
        run('uv', 'lock', '--no-build')
    os.chdir(job['root'])
    # pip leaves out what is installed or is for another machine.
    parts = ['--all-extras', '--all-groups', '--no-emit-workspace', '--no-annotate', '--no-header']
    exported = run('uv', 'export', '--no-build', '--frozen', '--format', 'requirements-txt', *parts)
    return re.sub(r'\\\n\s*', '', exported).splitlines()

lines = list(lock_with_poetry() if job['tool'] == 'poetry' else lock_with_uv())
wheels = os.path.join(os.path.expanduser('~'), job['wheels'])
os.makedirs(wheels, exist_ok=True)
for path, content in [(os.path.join(wheels, job['pins']), lines), (job['pins'], [f'--extra-index-url {url}' for url in job['indexes']] + lines)]:
    with open(path, 'w', encoding='utf-8') as opened:
        opened.write(''.join(line + '\n' for line in content))
