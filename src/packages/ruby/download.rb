# Downloads the gems of Gemfile.lock that are not installed, without installing them, because an installation
# runs code of a gem. Then writes an index, with which the folder is a server for gems that `file:` can name.
# Its argument is the folder, relative to the home folder.
require 'bundler'
require 'fileutils'
require 'rubygems/package'
require 'rubygems/remote_fetcher'
require 'zlib'

folder = File.join(Dir.home, ARGV.fetch(0))
quick = File.join(folder, 'quick', "Marshal.#{Gem.marshal_version}")
FileUtils.mkdir_p([File.join(folder, 'gems'), quick])

def fetch(spec, path)
  name = File.basename(path)
  uris = spec.source.remotes.map { |remote| "#{Bundler.settings.mirror_for(remote)}gems/#{name}" }
  uris.each_with_index do |uri, index|
    return Gem::RemoteFetcher.fetcher.cache_update_path(uri, path)
  rescue Gem::RemoteFetcher::FetchError => error
    abort "error: #{error.message}" if index == uris.size - 1
  end
end

Bundler::LockfileParser.new(Bundler.default_lockfile.read).specs.each do |spec|
  next unless spec.source.is_a?(Bundler::Source::Rubygems) && Gem.platforms.any? { |one| one === spec.platform }
  next if File.exist?(Bundler.bundle_path.join('specifications', "#{spec.full_name}.gemspec"))

  path = File.join(folder, 'gems', "#{spec.full_name}.gem")
  fetch(spec, path) unless File.exist?(path)
end

index = Dir[File.join(folder, 'gems', '*.gem')].map do |path|
  spec = Gem::Package.new(path).spec
  abort "error: #{File.basename(path)} in the registry contains #{spec.full_name}" if spec.full_name != File.basename(path, '.gem')

  File.binwrite(File.join(quick, "#{spec.full_name}.gemspec.rz"), Zlib::Deflate.deflate(Marshal.dump(spec)))
  [spec.name, spec.version, spec.original_platform]
end
Zlib::GzipWriter.open(File.join(folder, "specs.#{Gem.marshal_version}.gz")) { |gz| gz.write(Marshal.dump(index)) }
