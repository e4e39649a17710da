# Runs pip without the ability to start another program. pip itself runs no code of a package. It starts a
# program for this, for example to build a package that is source code.
import runpy, sys
STARTS = ('subprocess.Popen', 'os.exec', 'os.posix_spawn', 'os.spawn', 'os.system', 'os.fork', 'os.forkpty')
def refuse(event, args):
    # On musl, pip starts the loader to read its version.
    if event in STARTS and not str(args[:1]).startswith("('/lib/ld-musl-"):
        raise PermissionError('no program may be started')
sys.addaudithook(refuse)
sys.argv[0] = 'pip'
runpy.run_module('pip', run_name='__main__')
