/*
 * Scripts that run git on trees that can be hostile. They run in a sandbox, with a git directory that the
 * agent never sees. The sandbox contains four folders. /workspace is the tree. /mirror contains the
 * repository's branches. /store contains the run's checkpoints. /snapshot contains the git directory for
 * snapshots.
 */

const useSnapshotRepository = `
export GIT_DIR=/snapshot/repository GIT_WORK_TREE=/workspace GIT_NO_REPLACE_OBJECTS=1
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/dev/null
export GIT_CONFIG_KEY_1=core.fsmonitor GIT_CONFIG_VALUE_1=false GIT_CONFIG_KEY_2=core.bare GIT_CONFIG_VALUE_2=false
`;

/**
 * Defines `make_clone`. It makes a clone in a folder, with the whole history, the tags, the branches of
 * `origin`, and a local base branch, as in any clone. Nothing can be fetched or pushed, because the sandbox
 * has no credential. Git finds all objects in the mirror. The arguments of the script are: $1 a commit,
 * $2 the base commit, $3 the base branch, $4 the default branch, $5 the URL of the repository.
 */
const defineMakeClone = `
base=$2 branch=$3 default=$4 url=$5
make_clone() {
  git clone --quiet --shared --no-checkout --template= /mirror "$1"
  cd "$1"
  printf '%s\\n' /mirror/objects /store/objects > .git/objects/info/alternates
  git remote set-url origin "$url"
  git checkout --quiet --orphan unborn 2>/dev/null || git symbolic-ref HEAD refs/heads/unborn
  git for-each-ref --format='delete %(refname)' refs/heads | git update-ref --stdin
  git update-ref "refs/remotes/origin/$branch" "$base"
  git update-ref "refs/heads/$branch" "$base"
  git config "branch.$branch.remote" origin
  git config "branch.$branch.merge" "refs/heads/$branch"
  ! git rev-parse --quiet --verify "refs/remotes/origin/$default" >/dev/null ||
    git symbolic-ref refs/remotes/origin/HEAD "refs/remotes/origin/$default"
  git symbolic-ref HEAD "refs/heads/$branch"
}
`;

/** Lets git show the state of submodules. A broken .gitmodules is no reason to end a run. */
const initSubmodules = '[ ! -f .gitmodules ] || git submodule --quiet init >/dev/null 2>&1 || true';

/** Clones the repository, with the content of the base commit. See `defineMakeClone` for the arguments. */
export const cloneScript = `
set -eu
${defineMakeClone}
make_clone /workspace
git -c core.hooksPath=/dev/null checkout --quiet --force "$branch"
${initSubmodules}
`;

/** Clones a submodule from its mirror ($1) into its folder ($2), with the content of a commit ($3). */
export const cloneSubmoduleScript = `
set -eu
git clone --quiet --shared --no-checkout --no-tags --template= "$1" "/workspace/$2"
cd "/workspace/$2"
git remote remove origin
git -c core.hooksPath=/dev/null checkout --quiet --detach "$3"
`;

/**
 * Returns arguments for `find` that give the owner access to all files and folders. If a folder is not
 * accessible, `chmod -R` changes everything in it. Git skips files that are still inaccessible afterwards.
 * @param rights the rights that the owner needs for a folder
 */
const openClosed = (rights: 'rx' | 'rwx') =>
  `-type d ! -perm -u=${rights} -prune -exec chmod -R u+rwX {} + -o ! -type l ! -perm -u=r -exec chmod u+rwX {} + 2>/dev/null || true`;

/**
 * Arguments for `find` that remove pipes, sockets and devices with a name that starts with `.git`, such as
 * .gitignore. Git could wait forever when it reads one of them.
 */
const removePipes =
  "-name '.git?*' \\( -xtype p -o -xtype s -o -xtype c -o -xtype b \\) -exec rm -f {} + 2>/dev/null || true";

/**
 * Restores a commit ($1) after the set-up. Install scripts can write hooks, filters or config into `.git`, so
 * the script replaces `.git` with a fresh one. It restores the tracked files that have changed, and keeps the
 * modification times of all other files. It also makes everything in the tree and in the home folder
 * readable, so that both can be copied completely. See `defineMakeClone` for the arguments.
 */
export const renewScript = `
set -eu
commit=$1
${defineMakeClone}
fresh=$(mktemp -d)
make_clone "$fresh/clone"
[ "$commit" = "$base" ] || git update-ref --no-deref HEAD "$commit"
cd /workspace
find /workspace ${openClosed('rwx')}
find /home/agent ${openClosed('rx')}
rm -rf .git
find . ${removePipes}
cp -a "$fresh/clone/.git" .git
git read-tree "$commit"
git update-index -q --refresh >/dev/null 2>&1 || true
git checkout --quiet --force
${initSubmodules}
`;

/**
 * Prints the paths that git ignores, one per line. A line break in a path becomes `?`. Prints only the name
 * of a folder if git ignores everything in it, so that git does not have to read large folders such as
 * node_modules.
 */
const listIgnored =
  'git -C /workspace ls-files --others --ignored --exclude-standard --directory -z | ' +
  "tr '\\n\\0' '?\\n' | head -n 2000";

/**
 * Creates the repository for snapshots of the agent's tree, at the base commit ($1). Snapshots leave out two
 * kinds of differences that are not the agent's work: (1) untracked files that the set-up created
 * (`.pnp.cjs`, `*.egg-info`), and (2) changes that git itself makes to tracked files, because
 * `.gitattributes` asks for different line endings. Prints the paths that git ignores.
 */
export const beginSnapshotsScript = `
set -eu
${useSnapshotRepository}
list_ignored() { ${listIgnored}; }
test -e /snapshot/repository/index && { list_ignored; exit 0; }
rm -rf /snapshot/repository
touch /snapshot/begun
git init --quiet --template= /snapshot/repository
mkdir -p /snapshot/repository/objects/info
printf '%s\\n' /mirror/objects /store/objects > /snapshot/repository/objects/info/alternates
git read-tree "$1"
cd /workspace
git update-index -q --refresh >/dev/null 2>&1 || true
git diff-files --name-only -z | while IFS= read -r -d '' converted; do
  [ -f "$converted" ] && [ ! -L "$converted" ] || continue
  printf '%s %s\\0' "$(git hash-object --no-filters -- "$converted")" "$converted"
done > /snapshot/converted
mkdir -p /snapshot/repository/info
git ls-files --others --exclude-standard --directory --no-empty-directory -z |
  while IFS= read -r -d '' left; do
    case "$left" in *$'\\n'*) ;; *) printf '/%s\\n' "$(printf %s "$left" | sed 's/[][\\\\*?! ]/\\\\&/g')" ;; esac
  done > /snapshot/repository/info/exclude
mkdir -p .git/info && cat /snapshot/repository/info/exclude >> .git/info/exclude
list_ignored
`;

/**
 * Stages the whole tree. Leaves out nested repositories (`nested`), files that are too large for GitHub
 * (`large`), and names that git refuses, such as `.GIT` (`refused`). If git's lock file exists, a killed git
 * process left it behind, so the script removes it. If `git add` exits with 1, it could not add some of the
 * files. If it exits with a higher code, it added none. A submodule of the base is a nested repository, too.
 * It counts as left out only if its files changed.
 */
const stageEverything = `
cd /workspace
packages=(-name node_modules -o -name .venv)
find . \\( "\${packages[@]}" \\) -prune -o ${openClosed('rwx')}
find . ${removePipes}
exclude=()
large=()
while IFS= read -r -d '' found; do
  git check-ignore -q -- "$found" && continue
  large+=("\${found#./}")
  exclude+=(":(exclude,top,literal)\${found#./}")
done < <(find . \\( "\${packages[@]}" -o -name .git \\) -prune -o -type f -size +102400k -print0 | sort -z)
nested=()
submodules=()
while IFS= read -r -d '' found; do
  inner="\${found%/.git}"
  inner="\${inner#./}"
  exclude+=(":(exclude,top,literal)$inner")
  case "$(git ls-files --stage -- ":(top,literal)$inner")" in
    160000*)
      [ -z "$(find "./$inner" -name .git -prune -o -type f -newer /snapshot/begun -print -quit)" ] ||
        submodules+=("$inner") ;;
    *) nested+=("$inner") ;;
  esac
done < <(find . -mindepth 2 \\( "\${packages[@]}" \\) -prune -o -name .git -print0 | sort -z)
refused=()
added=0
rm -f /snapshot/repository/index.lock
complaints=$(printf '%s\\0' . "\${exclude[@]}" |
  git add --all --ignore-errors --pathspec-from-file=- --pathspec-file-nul 2>&1 >/dev/null) || added=$?
if [ "$added" -eq 1 ]; then
  declare -A known
  for one in "\${nested[@]}" "\${submodules[@]}" "\${large[@]}"; do known["/$one"]=1; done
  while IFS= read -r -d '' left; do
    [ -n "\${known["/\${left%/}"]-}" ] || refused+=("$left")
  done < <(git ls-files --others --exclude-standard -z)
elif [ "$added" -ne 0 ]; then
  printf '%s' "$complaints" | tail -c 500 >&2
  exit "$added"
fi
`;

/**
 * Commits the tree on top of the base commit ($1). Writes the bundle base..checkpoint, and prints the ids of
 * the commit and its tree, and then the paths that git ignores. The commit's dates are fixed, so that the
 * same content gets the same id. The commit message lists the paths that readOmittedPaths reads.
 */
export const checkpointScript = `
set -eu
${useSnapshotRepository}
${stageEverything}
while IFS= read -r -d '' line; do
  [ -f "\${line#* }" ] && [ ! -L "\${line#* }" ] || continue
  [ "$(git hash-object --no-filters -- "\${line#* }" 2>/dev/null)" != "\${line%% *}" ] ||
    GIT_LITERAL_PATHSPECS=1 git ls-tree -z "$1" -- "\${line#* }" | git update-index -z --index-info
done < /snapshot/converted
tree=$(git write-tree)
filtered=$(git diff-index --cached --name-only -z --no-renames --diff-filter=d "$1" |
  git check-attr --cached -z --stdin filter |
  while IFS= read -r -d '' one && read -r -d '' _ && read -r -d '' filter; do
    case "$filter" in
      unspecified | unset | set) ;;
      *) printf 'filtered %s %s\\n' "$filter" "\${one//$'\\n'/?}" ;;
    esac
  done)
export GIT_AUTHOR_NAME=pullwright GIT_AUTHOR_EMAIL=pullwright@localhost GIT_AUTHOR_DATE='@946684800 +0000'
export GIT_COMMITTER_NAME=pullwright GIT_COMMITTER_EMAIL=pullwright@localhost GIT_COMMITTER_DATE='@946684800 +0000'
message() {
  echo checkpoint
  echo
  for one in "\${nested[@]}" "\${submodules[@]}"; do printf 'nested %q\\n' "$one"; done
  for one in "\${large[@]}"; do printf 'large %q\\n' "$one"; done
  [ -z "$filtered" ] || printf '%s\\n' "$filtered"
  for one in "\${refused[@]}"; do
    case "$one" in *[[:cntrl:]]*) printf 'refused %q\\n' "$one" ;; *) printf 'refused %s\\n' "$one" ;; esac
  done
}
commit=$(message | git commit-tree "$tree" -p "$1")
git update-ref refs/heads/checkpoint "$commit"
rm -f /snapshot/bundle
git bundle create --quiet /snapshot/bundle refs/heads/checkpoint "^$1"
echo "$commit $tree"
${listIgnored}
`;

/**
 * Prints the id of a git tree with the content of the agent's tree, and the paths in which it differs from a
 * commit ($1), one per line. A line break in a path becomes `?`.
 */
export const recordTreeScript = `
set -eu
${useSnapshotRepository}
${stageEverything}
tree=$(git write-tree)
echo "$tree"
git diff-tree -r -z --name-only --no-renames "$1" "$tree" | tr '\\n\\0' '?\\n'
`;

/**
 * Prints how the agent's tree differs from a git tree ($1): for each path a line as `git diff-tree --raw`
 * prints it, and a line with the path.
 */
export const compareTreeScript = `
set -eu
${useSnapshotRepository}
${stageEverything}
git diff-tree -r -z --raw --no-abbrev --no-renames "$1" "$(git write-tree)" | tr '\\n\\0' '?\\n'
`;

/** Resets the agent's tree to a commit ($1). Files that git ignores stay. */
export const restoreScript = `
set -eu
${useSnapshotRepository}
${stageEverything}
for one in "\${nested[@]}" "\${large[@]}"; do rm -rf -- "$one"; done
git read-tree --reset -u "$1"
`;

/**
 * Checks out a commit ($1). Then replaces each of the other paths ($3 and following) by its content in
 * another commit ($2), or deletes the path if that commit does not contain it. This script is safe only in
 * trees that the agent could not write to.
 */
export const checkOutScript = `
set -eu
cd /workspace
git -c core.hooksPath=/dev/null checkout --quiet --force --detach "$1"
[ $# -gt 1 ] || exit 0
from=$2; shift 2
for one in "$@"; do
  if [ -n "$(git ls-tree --name-only "$from" -- ":(top,literal)$one")" ]; then
    git -c core.hooksPath=/dev/null checkout --quiet --force "$from" -- ":(top,literal)$one"
  else
    rm -rf -- "$one"
  fi
done
`;

/** Replaces a file ($1) by the standard input. Creates its folder. */
export const writeFileScript = `
set -eu
cd /workspace
mkdir -p "$(dirname "./$1")"
rm -f "./$1"
cat > "./$1"
`;
