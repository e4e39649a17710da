/*
 * Python programs for the sandbox. The same seed makes the same operations on trees with the same content.
 * What they print must therefore be the same, whatever file system the tree is on.
 */

/** Makes a tree with folders, hard links, symbolic links and files of different modes. */
export const makeTree = `
import os
for folder in ['a/b/c', 'a/d', 'lib/deep/er', 'empty', 'closed/inside']: os.makedirs(folder)
number = 0
for folder in ['.', 'a', 'a/b', 'a/b/c', 'a/d', 'lib', 'lib/deep', 'lib/deep/er', 'closed/inside']:
    for _ in range(4):
        number += 1
        with open(f'{folder}/f{number}', 'wb') as file: file.write(bytes([number]) * (number * 997 % 9000))
        os.chmod(f'{folder}/f{number}', [0o644, 0o755, 0o600, 0o444][number % 4])
os.link('f1', 'a/h1'); os.link('f1', 'lib/h1'); os.link('a/f5', 'a/d/h5'); os.symlink('../f2', 'a/s2')
os.symlink('/nowhere', 's0'); os.symlink('lib', 's-lib'); os.mkfifo('pipe')
os.setxattr('f2', 'user.note', b'kept'); os.chmod('closed', 0o555)
for at, folders, files in os.walk('.'):
    for name in files: os.utime(f'{at}/{name}', (1e9, 1e9), follow_symlinks=False)
`;

/**
 * Does random operations. The arguments are the seed and the number of operations. Prints what each of them
 * returned, and at the end the content, mode, owner, links and, where set, time of everything.
 */
export const changeTree = `
import errno, hashlib, mmap, os, random, stat, sys
seed, count = int(sys.argv[1]), int(sys.argv[2])
pick = random.Random(seed)
def walk():
    found = ['.']
    for at, folders, files in os.walk('.'):
        folders.sort()
        found += sorted(f'{at}/{name}' for name in folders + files)
    return found
def any_path(): return pick.choice(walk())
def any_file():
    files = [one for one in walk() if stat.S_ISREG(os.lstat(one).st_mode)]
    return pick.choice(files) if files else './none'
def folders(): return [one for one in walk() if stat.S_ISDIR(os.lstat(one).st_mode)]
def new_path(): return f'{pick.choice(folders())}/n{pick.randrange(40)}'
def data(): return bytes([pick.randrange(256)]) * pick.randrange(5000)
def write(path, flags):
    handle = os.open(path, flags, 0o640)
    try: return os.write(handle, data())
    finally: os.close(handle)
def read_beside_write():
    path = any_file()
    with open(path, 'rb') as reader:
        reader.read(10)
        write(path, os.O_WRONLY | os.O_APPEND)
        return hashlib.sha1(reader.read()).hexdigest()
def map_file():
    path = any_file()
    with open(path, 'r+b') as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[0:1] = b'm'
        return memory[:20]
def unlink_open():
    path = any_file()
    with open(path, 'rb') as file:
        os.unlink(path)
        return hashlib.sha1(file.read()).hexdigest(), os.fstat(file.fileno()).st_size
def remove(folder):
    # In the order of names: the order in a folder differs between file systems, and the removal can fail.
    for name in sorted(os.listdir(folder)):
        path = f'{folder}/{name}'
        if stat.S_ISDIR(os.lstat(path).st_mode): remove(path)
        else: os.unlink(path)
    os.rmdir(folder)
def copy_range():
    with open(any_file(), 'rb') as source, open(new_path(), 'wb') as target:
        return os.copy_file_range(source.fileno(), target.fileno(), 2000)
def set_time(path):
    os.utime(path, (1e9 + 5, 1e9 + 7), follow_symlinks=False)
    return os.lstat(path).st_mtime
operations = {
    'create': lambda: write(new_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL),
    'overwrite': lambda: write(any_file(), os.O_WRONLY),
    'append': lambda: write(any_file(), os.O_WRONLY | os.O_APPEND),
    'empty': lambda: write(any_file(), os.O_WRONLY | os.O_TRUNC),
    'truncate': lambda: os.truncate(any_file(), pick.randrange(6000)),
    'mkdir': lambda: os.mkdir(new_path()),
    'mkdir-anywhere': lambda: os.mkdir(any_path()),
    'rename': lambda: os.rename(any_path(), new_path()),
    'rename-over': lambda: os.rename(any_path(), any_path()),
    'rename-folder': lambda: os.rename(pick.choice(folders()), new_path()),
    'replace': lambda: os.replace(any_file(), any_file()),
    'unlink': lambda: os.unlink(any_path()),
    'unlink-open': unlink_open,
    'rmdir': lambda: os.rmdir(pick.choice(folders())),
    'remove': lambda: remove(pick.choice(folders())) if pick.random() < 0.2 else None,
    'symlink': lambda: os.symlink(pick.choice(['../a', 'f1', '/nowhere']), new_path()),
    'link': lambda: os.link(any_path(), new_path(), follow_symlinks=False),
    'chmod': lambda: os.chmod(pick.choice(walk()[1:]), pick.choice([0o644, 0o700, 0o755, 0o555, 0o4755])),
    'time': lambda: set_time(any_path()),
    'xattr': lambda: os.setxattr(any_file(), 'user.note', b'new'),
    'list-xattr': lambda: sorted(os.listxattr(any_path(), follow_symlinks=False)),
    'fallocate': lambda: os.posix_fallocate(os.open(any_file(), os.O_RDWR), 0, pick.randrange(1, 9000)),
    'read-beside-write': read_beside_write,
    'map': map_file,
    'copy': copy_range,
}
for number in range(count):
    name = pick.choice(sorted(operations))
    try: result = operations[name]()
    except OSError as error: result = errno.errorcode[error.errno]
    except ValueError: result = 'ValueError'
    print(number, name, result)
groups, rows = {}, []
for path in walk():
    try: status = os.lstat(path)
    except PermissionError:
        rows.append([path, 'closed'])
        continue
    kind, is_file = stat.S_IFMT(status.st_mode), stat.S_ISREG(status.st_mode)
    row = [path, oct(status.st_mode), status.st_uid, status.st_gid]
    if kind != stat.S_IFDIR: row += [status.st_nlink, status.st_size, groups.setdefault(status.st_ino, path)]
    if kind == stat.S_IFLNK: row.append(os.readlink(path))
    if status.st_mtime < 1e9 + 10: row.append(status.st_mtime)
    if is_file and os.access(path, os.R_OK):
        row.append(hashlib.sha1(open(path, 'rb').read()).hexdigest())
        row.append({name: os.getxattr(path, name) for name in sorted(os.listxattr(path))})
    rows.append(row)
print(*rows, sep='\\n')
`;
