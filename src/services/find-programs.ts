/*
 * Finds the programs of servers that commands in the sandbox can start. A script looks for them inside the
 * sandbox, because only the backend knows what is visible there: /usr of the machine or /usr of an image.
 */

export interface Program {
  path: string;
  /** The first line that the program prints for `--version`. */
  versionLine: string;
  /** Such as `7.0.15`. */
  version: string;
}

/** A server of Postgres with its programs in one folder. */
export interface PostgresFolder extends Program {
  /** The folder that contains `initdb` and `postgres`. */
  folder: string;
  extensions: ReadonlySet<string>;
  /** Names of libraries that `shared_preload_libraries` can load. */
  libraries: ReadonlySet<string>;
}

export interface Found {
  programs: ReadonlyMap<string, readonly Program[]>;
  postgres: readonly PostgresFolder[];
  /** Whether the sandbox has the locale of the official images of databases. */
  hasEnglishLocale: boolean;
}

const names = [
  'mariadbd',
  'mariadb-install-db',
  'memcached',
  'mongod',
  'mysql_install_db',
  'mysqld',
  'redis-server',
  'valkey-server',
];

/** Prints one line per program, extension, library and locale. The fields are separated by tabs. */
export const findProgramsScript = `
shopt -s nullglob
IFS=: read -ra folders <<< "$PATH:/usr/local/sbin:/usr/sbin"
declare -A seen
version() { timeout 10 "$1" --version 2>/dev/null </dev/null | head -n 1 | tr '\\t' ' '; }
for name in ${names.join(' ')}; do
  for folder in "\${folders[@]}"; do
    program=$folder/$name
    [ -f "$program" ] && [ -x "$program" ] || continue
    real=$(readlink -f "$program")
    [ -z "\${seen[$name $real]-}" ] || continue
    seen[$name $real]=1
    case $name in
      *install*) printf 'program\\t%s\\t%s\\t\\n' "$name" "$program" ;;
      *) printf 'program\\t%s\\t%s\\t%s\\n' "$name" "$program" "$(version "$program")" ;;
    esac
  done
done
for program in /usr/lib/postgresql/*/bin/postgres "\${folders[@]/%//postgres}"; do
  folder=$(dirname "$(readlink -f "$program")")
  [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ] && [ -z "\${seen[$folder]-}" ] || continue
  seen[$folder]=1
  printf 'postgres\\t%s\\t%s\\n' "$folder" "$(version "$folder/postgres")"
  major=$(basename "$(dirname "$folder")")
  for control in /usr/share/postgresql/"$major"/extension/*.control "$folder"/../share/{,postgresql/}extension/*.control; do
    printf 'extension\\t%s\\t%s\\n' "$folder" "$(basename "$control" .control)"
  done
  for library in "$folder"/../lib/{,postgresql/}*.so; do
    printf 'library\\t%s\\t%s\\n' "$folder" "$(basename "$library" .so)"
  done
done
locale -a 2>/dev/null | grep -qi '^en_US\\.utf-\\?8$' && printf 'locale\\n'
true`;

/** Reads what the script printed. Leaves out programs whose version is unknown. */
export function readFound(printed: string): Found {
  const programs = new Map<string, Program[]>();
  const postgres = new Map<string, PostgresFolder & { extensions: Set<string>; libraries: Set<string> }>();
  let hasEnglishLocale = false;
  for (const line of printed.split('\n')) {
    const [kind, first = '', second = '', versionLine = ''] = line.split('\t');
    if (kind === 'locale') hasEnglishLocale = true;
    else if (kind === 'program') {
      const version = readVersion(versionLine);
      if (version === null && !first.includes('install')) continue;
      programs.set(first, [
        ...(programs.get(first) ?? []),
        { path: second, versionLine, version: version ?? '' },
      ]);
    } else if (kind === 'postgres') {
      const version = readVersion(second);
      if (version === null) continue;
      const path = `${first}/postgres`;
      const sets = { extensions: new Set<string>(), libraries: new Set<string>() };
      postgres.set(first, { folder: first, path, versionLine: second, version, ...sets });
    } else if (kind === 'extension') postgres.get(first)?.extensions.add(second);
    else if (kind === 'library') postgres.get(first)?.libraries.add(second);
  }
  return { programs, postgres: [...postgres.values()], hasEnglishLocale };
}

function readVersion(line: string): string | null {
  return /\d+(?:\.\d+)+/.exec(line)?.[0] ?? null;
}

/** Returns the first number of a version, such as 16 for `16.2`; null if it does not begin with one. */
export function majorOf(version: string | null): number | null {
  const major = /^v?(\d+)/.exec(version ?? '')?.[1];
  return major === undefined ? null : Number(major);
}
