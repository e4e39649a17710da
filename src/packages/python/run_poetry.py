# Runs Poetry without the ability to start another program. Poetry starts a program to build a package that is
# source code, which would run code of that package. It may only ask the Python of the project's environment
# about itself. The arguments are the program `poetry` and its own arguments. For the argument `state`, prints
# whether the lockfile fits its manifest, and the hashes of the locked packages.
import json, os, runpy, sys, tarfile
STARTS = ('subprocess.Popen', 'os.exec', 'os.posix_spawn', 'os.spawn', 'os.system', 'os.fork', 'os.forkpty')
ENVIRONMENT = os.path.join(os.environ['VIRTUAL_ENV'], 'bin', 'python')
def asks_python(command):
    words = command if isinstance(command, (list, tuple)) else []
    return len(words) > 4 and str(words[0]).startswith(ENVIRONMENT) and list(words[1:4]) == ['-I', '-W', 'ignore'] and words[4] in ('-', '-c')
def refuse(event, args):
    # On musl, Poetry starts the loader to read its version.
    if event == 'subprocess.Popen' and (asks_python(args[1]) or str(args[0]).startswith('/lib/ld-musl-')):
        return
    if event in STARTS:
        raise PermissionError('no program may be started')
sys.addaudithook(refuse)
def refuse_archive(*args, **options):
    # A file of an archive can have a path outside of the folder, and Python runs some files whenever it starts.
    raise PermissionError('no archive may be unpacked')
tarfile.TarFile.extract = tarfile.TarFile.extractall = refuse_archive
program, *arguments = sys.argv[1:]
if arguments == ['state']:
    # Only then Python knows where the modules of Poetry are.
    runpy.run_path(program)
    from pathlib import Path
    from poetry.factory import Factory
    locker = Factory().create_poetry(Path.cwd(), disable_plugins=True).locker
    packages = locker.locked_repository().packages
    print(json.dumps({'fits': locker.is_fresh(), 'hashes': {f'{one.name}=={one.pretty_version}': [file['hash'] for file in one.files] for one in packages}}))
else:
    sys.argv = [program, *arguments, '--no-interaction', '--no-ansi', '--no-plugins']
    runpy.run_path(program, run_name='__main__')
