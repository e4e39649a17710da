# Downloads the packages of requirements files and of pyproject.toml that are not installed. Shows pip a copy of
# each file that has no options but those that name an index, because other options of the base commit could make
# pip run code. Then writes the added packages, and nothing else, into the manifest. Its argument is a job, as
# JSON (pip-program.ts).
import hashlib, html, importlib.metadata, json, os, re, subprocess, sys, tempfile, urllib.parse, urllib.request

job = json.loads(sys.argv[1])
wheels = os.path.join(os.path.expanduser('~'), job['wheels'])
os.makedirs(wheels, exist_ok=True)
os.chdir(job['root'])
temporary = tempfile.mkdtemp()

def fail(message):
    sys.exit('error: ' + message)

def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()

def pip(*args):
    command = [sys.executable, '-I', '-c', job['guard'], *args, '--quiet', '--only-binary', ':all:']
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors='replace')
    if done.returncode != 0:
        fail(explain(done.stdout))

def list_index(name):
    """Returns (file name, hash) of each file of a package in the index."""
    index = os.environ.get('PIP_INDEX_URL') or 'https://pypi.org/simple'
    request = urllib.request.Request(index.rstrip('/') + '/' + normalize(name) + '/', headers={'Accept': 'text/html'})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            page = answer.read(50_000_000).decode('utf-8', 'replace')
    except (OSError, ValueError):
        return []
    links = [urllib.parse.urldefrag(html.unescape(link)) for link in re.findall(r'href="([^"]+)"', page)]
    return [(urllib.parse.unquote(url.rpartition('/')[2]), fragment.replace('=', ':', 1)) for url, fragment in links]

def is_file_of(file, name, version):
    parts = file.split('-')
    if file.endswith('.whl'):
        return normalize(parts[0]) == normalize(name) and parts[1:2] == [version]
    source = re.sub(r'\.(tar\.gz|zip|tar\.bz2)$', '', file)
    return source != file and normalize(source) == normalize(name + '-' + version)

def explain(output):
    missing = re.search(r'No matching distribution found for ([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:==([\w.+!]+)(?=\s|$))?', output)
    if missing:
        name, version = missing.groups()
        files = [file for file, _ in list_index(name) if not version or is_file_of(file, name, version)]
        if any(re.search(r'\.(tar\.gz|zip|tar\.bz2)$', file) for file in files) and (version or not any(file.endswith('.whl') for file in files)):
            return f'{name} has no wheel for this machine, only source code. The build of a package runs its code with network access, so it cannot be added'
    if 'no program may be started' in output:
        return 'A package is only there as source code or in a repository. The build of a package runs its code with network access, so it cannot be added'
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return ' '.join([line for line in lines if line.startswith('ERROR')] or lines[-3:])

def read_lines(file):
    if file == 'pyproject.toml':
        yield from job['project']
        return
    with open(file, encoding='utf-8-sig', errors='replace') as opened:
        text = opened.read()
    joined = ''
    for line in text.splitlines() + ['']:
        comment = re.match(r'\s*#', line)
        if line.endswith('\\') and not comment:
            joined += line.strip('\\')
            continue
        whole = joined + (' ' + line if comment else line)
        joined = ''
        content = re.sub(r'(^|\s+)#.*$', '', whole).strip()
        if content:
            yield content

class Asked:
    def __init__(self):
        self.requirements, self.constraints, self.options, self.seen, self.has_hashes = [], [], [], set(), False

PLAIN = re.compile(r'([A-Za-z0-9][\w.-]*)\s*(\[[\w.,\s-]*\])?\s*([^@/\\:;]*)(;[^/\\:@]*)?', re.ASCII)
OPTION = re.compile(r'(?:(?:-i|--index-url|--extra-index-url|--trusted-host)[\s=]+\S+|(?:-f|--find-links)[\s=]+https?://\S+|--pre)')
INCLUDE = re.compile(r'(-r|--requirement|-c|--constraint)[\s=]+(\S+)')

# What the manifest asks for in place of its own lines, by name.
wanted = {}

def read(file, asked, constrains=False):
    replaced = wanted if file == job['manifest'] else {}
    if (file, constrains) in asked.seen or file.startswith('..') or not os.path.isfile(file):
        return
    asked.seen.add((file, constrains))
    for line in read_lines(file):
        include = INCLUDE.fullmatch(line)
        if include:
            path = os.path.normpath(os.path.join(os.path.dirname(file), include.group(2)))
            read(path, asked, constrains=constrains or 'c' == include.group(1).lstrip('-')[0])
        elif line.startswith('-'):
            if OPTION.fullmatch(line):
                asked.options.append(line)
        else:
            asked.has_hashes = asked.has_hashes or '--hash' in line
            plain = PLAIN.fullmatch(re.split(r'\s-', line)[0].strip())
            if plain and normalize(plain.group(1)) not in replaced:
                (asked.constraints if constrains else asked.requirements).append(plain.group(0))
    (asked.constraints if constrains else asked.requirements).extend(replaced.values())

def write(name, lines):
    path = os.path.join(temporary, name)
    with open(path, 'w', encoding='utf-8') as opened:
        opened.write('\n'.join(lines) + '\n')
    return path

def download(asked, *options):
    """Downloads what is not installed. Returns the versions by name."""
    if not asked.requirements:
        return {}
    report = os.path.join(temporary, 'report.json')
    constraints = ['-c ' + write('constraints.txt', asked.constraints)] if asked.constraints else []
    requirements = write('requirements.txt', asked.options + constraints + asked.requirements)
    pip('install', '--dry-run', '--report', report, *options, '-r', requirements)
    with open(report, encoding='utf-8') as opened:
        found = json.load(opened)['install']
    for one in found:
        file = urllib.parse.unquote(urllib.parse.urlsplit(one['download_info']['url']).path).rpartition('/')[2]
        if not is_file_of(file, one['metadata']['name'], one['metadata']['version']):
            fail(f"{file} in the registry contains {one['metadata']['name']} {one['metadata']['version']}")
        if one['is_direct']:
            fail(f"a package asks for {one['metadata']['name']} from an address, and only packages from the registry can be added")
    versions = {normalize(one['metadata']['name']): one['metadata']['version'] for one in found}
    if versions:
        pins = write('pins.txt', asked.options + [f'{name}=={version}' for name, version in versions.items()])
        pip('download', '--no-deps', '--dest', wheels, '-r', pins)
    return versions

def hash_of(name, version):
    found = {digest for file, digest in list_index(name) if is_file_of(file, name, version) and re.fullmatch(r'sha(256|384|512):[0-9a-f]+', digest)}
    for file in os.listdir(wheels):
        if is_file_of(file, name, version):
            with open(os.path.join(wheels, file), 'rb') as opened:
                found.add('sha256:' + hashlib.sha256(opened.read()).hexdigest())
    return ''.join(' --hash=' + digest for digest in sorted(found))

def add(file):
    lines = {}
    for line in read_lines(file):
        plain = PLAIN.fullmatch(re.split(r'\s-', line)[0].strip())
        if plain:
            lines.setdefault(normalize(plain.group(1)), []).append(plain)
    spellings, ranges = {}, {}
    for spec in job['specs']:
        name, extras, versions, _ = PLAIN.fullmatch(spec).groups()
        known = lines.get(normalize(name), [])
        if len(known) > 1:
            fail(f'{file} names {name} several times. Edit it, then call the tool without packages')
        spellings[normalize(name)] = name + (extras or (known and known[0].group(2)) or '')
        ranges[normalize(name)] = versions
        wanted[normalize(name)] = spellings[normalize(name)] + versions
    asked = Asked()
    read(file, asked)
    found = download(asked, *(['--ignore-installed'] if asked.has_hashes else []))
    if asked.has_hashes:
        # pip then wants hashes of all packages.
        known = {normalize(PLAIN.match(line).group(1)) for line in asked.requirements}
        spellings.update({name: name for name in found if name not in known})
    added = []
    for name, spelling in spellings.items():
        version = found.get(name) or importlib.metadata.version(name)
        wanted[name] = f'{spelling}=={version}'
        if job['section']:
            # A package takes newer versions of what it needs.
            marker = lines[name][0].group(4) if name in lines else None
            added.append(spelling + (ranges[name] or f'>={version}') + (marker or ''))
        else:
            added.append(wanted[name] + (hash_of(name, version) if asked.has_hashes else ''))
    return added

added = add(job['manifest']) if job['manifest'] else []
for file in job['files']:
    if file != job['manifest']:
        asked = Asked()
        read(file, asked)
        download(asked, *job['options'])
if job['build']:
    asked = Asked()
    asked.requirements = job['build']
    try:
        download(asked, '--ignore-installed')
    except SystemExit as reason:
        # Whether the build needs them shows when the set-up runs.
        print(reason, file=sys.stderr)
if job['manifest']:
    # Other files can include the manifest, so it changes at the end.
    with open(job['manifest'], 'w', encoding='utf-8') as opened:
        opened.write(f"[{job['section'][0]}]\n{job['section'][1]} = {json.dumps(added)}\n" if job['section'] else '\n'.join(added) + '\n')
