# Prints the version, license and size of packages as an `InstalledPackage` (ecosystem.ts) each, by name. Its
# arguments are the folder of downloaded packages, relative to the home folder, and the names.
import email.parser, importlib.metadata, json, os, re, sys, zipfile

wheels = os.path.join(os.path.expanduser('~'), sys.argv[1])

def normalize(name):
    return re.sub(r'[-_.]+', '-', name).lower()

def license_of(metadata):
    field = (metadata.get('License') or '').strip()
    named = [one.rpartition(' :: ')[2] for one in metadata.get_all('Classifier') or [] if one.startswith('License :: ')]
    if metadata.get('License-Expression'):
        return metadata['License-Expression']
    if field and field != 'UNKNOWN' and len(field) <= 100 and '\n' not in field:
        return field
    return ' OR '.join(named) or None

def from_wheel(name):
    files = os.listdir(wheels) if os.path.isdir(wheels) else []
    # The newest comes first.
    for file in sorted(files, key=lambda one: [int(number) for number in re.findall(r'\d+', one)], reverse=True):
        if normalize(file.split('-')[0]) != name or not file.endswith('.whl'):
            continue
        with zipfile.ZipFile(os.path.join(wheels, file)) as wheel:
            path = next(one for one in wheel.namelist() if re.fullmatch(r'[^/]+\.dist-info/METADATA', one))
            metadata = email.parser.Parser().parsestr(wheel.read(path).decode('utf-8', 'replace'))
            return metadata, sum(one.file_size for one in wheel.infolist())

def from_environment(name):
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    sizes = [one.locate().stat().st_size for one in found.files or [] if one.locate().is_file()]
    return found.metadata, sum(sizes)

result = {}
for name in sys.argv[2:]:
    found = from_wheel(normalize(name)) or from_environment(name)
    if found:
        metadata, size = found
        result[name] = {'version': metadata['Version'], 'license': license_of(metadata), 'bytes': size, 'installScripts': []}
print(json.dumps(result))
