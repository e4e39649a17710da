import { createHash } from 'node:crypto';
import { runTool } from './find-tools.js';
import { type FileServer, serveFiles } from './serve-files.js';

/** A gem that the server has. */
export interface TestGem {
  name: string;
  version: string;
  license?: string;
  /** Version ranges of other gems, by name. */
  dependencies?: Record<string, string>;
  /** The content of `lib/<name>.rb`. */
  code?: string;
  /** The content of `ext/extconf.rb`, which runs when the gem is installed. */
  extension?: string;
}

/** Starts a server for gems with a compact index, as rubygems.org has one. */
export function startGemServer(gems: readonly TestGem[]): Promise<FileServer> {
  return serveFiles(async () => {
    const built = JSON.parse(
      await runTool('ruby', ['-e', buildProgram], { stdin: JSON.stringify(gems) }),
    ) as string[];
    const files = new Map<string, string | Buffer>();
    const infos = new Map<string, string>();
    for (const [index, { name, version, dependencies = {} }] of gems.entries()) {
      const content = Buffer.from(built[index] ?? '', 'base64');
      const needs = Object.entries(dependencies).map(([needed, range]) => `${needed}:${range}`);
      const hash = createHash('sha256').update(content).digest('hex');
      files.set(`/gems/${name}-${version}.gem`, content);
      infos.set(name, `${infos.get(name) ?? '---\n'}${version} ${needs.join(',')}|checksum:${hash}\n`);
    }
    const lines = [...infos].map(([name, info]) => {
      files.set(`/info/${name}`, info);
      const versions = gems.filter((one) => one.name === name).map(({ version }) => version);
      return `${name} ${versions.join(',')} ${createHash('md5').update(info).digest('hex')}\n`;
    });
    files.set('/versions', `created_at: 2024-01-01T00:00:00Z\n---\n${lines.join('')}`);
    return files;
  });
}

const buildProgram = `
require 'fileutils'; require 'json'; require 'rubygems/package'; require 'tmpdir'
built = JSON.parse($stdin.read).map do |one|
  Dir.mktmpdir do |folder|
    Dir.chdir(folder) do
      files = { "lib/#{one['name']}.rb" => one['code'] || '' }
      files['ext/extconf.rb'] = one['extension'] if one['extension']
      files.each { |file, text| FileUtils.mkdir_p(File.dirname(file)); File.write(file, text) }
      spec = Gem::Specification.new(one['name'], one['version']) do |spec|
        spec.summary, spec.authors, spec.files = 'A gem of a test', ['a'], files.keys
        spec.license = one['license'] if one['license']
        spec.extensions = ['ext/extconf.rb'] if one['extension']
        (one['dependencies'] || {}).each { |name, range| spec.add_dependency(name, range) }
      end
      Gem::DefaultUserInteraction.use_ui(Gem::SilentUI.new) { Gem::Package.build(spec, true) }
      [File.binread("#{spec.full_name}.gem")].pack('m0')
    end
  end
end
puts JSON.generate(built)
`;
