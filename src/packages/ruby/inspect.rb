# Prints the version, license, size and programs of gems as an `InstalledPackage` (ecosystem.ts) each, by name. Its
# arguments are the folder of downloaded gems, relative to the home folder, and the names.
require 'bundler'
require 'json'
require 'rubygems/package'
require 'zlib'

def size_of(path)
  File.open(path, 'rb') do |file|
    data = Gem::Package::TarReader.new(file).find { |entry| entry.full_name == 'data.tar.gz' }
    Gem::Package::TarReader.new(Zlib::GzipReader.new(data)).sum { |entry| entry.header.size }
  end
end

locked = Bundler::LockfileParser.new(Bundler.default_lockfile.read).specs
folders = [File.join(Dir.home, ARGV.shift, 'gems'), Bundler.bundle_path.join('cache').to_s]
found = ARGV.filter_map do |name|
  # A gem can be there for several platforms.
  files = locked.select { |spec| spec.name == name }.map { |spec| "#{spec.full_name}.gem" }
  path = files.product(folders).map { |file, folder| File.join(folder, file) }.find { |one| File.exist?(one) }
  next unless path

  spec = Gem::Package.new(path).spec
  # RubyGems runs the extensions when it installs the gem, and the plugin whenever it starts.
  programs = spec.extensions + spec.files.grep(%r{\Alib/rubygems_plugin\.rb\z})
  license = spec.licenses.empty? ? nil : spec.licenses.join(' OR ')
  [name, { version: spec.version.to_s, license: license, bytes: size_of(path), installScripts: programs }]
end
puts JSON.generate(found.to_h)
