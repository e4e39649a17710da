/** Parameters that decide where the server runs, what it loads and where it logs. Pullwright sets these. */
const refused = new RegExp(
  '^(?:data_directory|config_file|hba_file|ident_file|external_pid_file|listen_addresses|port|' +
    'unix_socket\\w*|ssl\\w*|logging_collector|fsync|huge_pages|io_method|restore_command|archive\\w*|' +
    'bonjour\\w*|syslog\\w*|event_source|log_(?!error)\\w+)$',
);

/**
 * Reads the arguments of the program `postgres` as people write them for its image, such as
 * `-c max_connections=200`, `-N 200` or `--wal_level=logical`.
 * @param libraries libraries that `shared_preload_libraries` can name
 * @returns accepted: parameters as `name=value`; dropped: what the server gets without
 */
export function readPostgresArguments(
  words: readonly string[],
  libraries: ReadonlySet<string>,
): { accepted: string[]; dropped: string[] } {
  const accepted: string[] = [];
  const dropped: string[] = [];
  const take = (text: string) => {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    const parameter = name.replaceAll('-', '_').toLowerCase();
    if (parameter === 'shared_preload_libraries') {
      const asked = value.split(',').map((one) => one.trim().replace(/^["']|["']$/g, ''));
      const known = asked.filter((one) => libraries.has(one));
      if (known.length > 0) accepted.push(`${parameter}=${known.join(',')}`);
      if (known.length < asked.length) dropped.push(text);
    } else if (!/^[a-z_][a-z0-9_.]*$/.test(parameter) || refused.test(parameter)) {
      // A log of another size is no difference that a test could see.
      if (!parameter.startsWith('log')) dropped.push(text);
    } else accepted.push(`${parameter}=${value}`);
  };
  const left = [...words];
  if (/(?:^|\/)postgres$|^postmaster$/.test(left[0] ?? '')) left.shift();
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '-c') take(left.shift() ?? '');
    else if (word.startsWith('-c')) take(word.slice(2));
    else if (word.startsWith('--') && word.includes('=')) take(word.slice(2));
    else if (word === '-N') take(`max_connections=${left.shift()}`);
    else if (word === '-B') take(`shared_buffers=${left.shift()}`);
    else if (word === '-p' || word === '-h' || word === '-k' || word === '-D') left.shift();
    else if (word !== '-F' && word !== '-i') dropped.push(word);
  }
  return { accepted, dropped };
}
