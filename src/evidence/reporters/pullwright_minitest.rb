# RUBYOPT makes Ruby load this file into every process of a test command. It writes one line per Minitest test
# to a report file.
require 'json'

TracePoint.new(:end) do |point|
  next unless point.self.is_a?(Module) && point.self.name == 'Minitest' && Minitest.respond_to?(:init_plugins)

  point.disable
  # Tests can replace the classes of the file system. The report is opened before they start.
  files = File
  report = File.open(File.join(__dir__, "minitest-#{Process.pid}.jsonl"), 'a')
  report.sync = true

  shorten = lambda do |text|
    text = text.scrub
    text.length > 10_000 ? "#{text[0, 5000]}\n...\n#{text[-5000..]}" : text
  end
  described = 0
  # The full description of a failure is long. After 100 failures, the report leaves it out.
  describe = lambda do |failure|
    message = shorten.(failure.message)
    described += 1
    return { message: message } if described > 100

    # The message of an unexpected error contains its backtrace already.
    places = failure.is_a?(Minitest::UnexpectedError) ? [] : Minitest.filter_backtrace(failure.backtrace || [])
    { message: message, trace: [message, *places].join("\n") }
  end

  recorder = Class.new do
    define_method(:start) {}
    define_method(:prerecord) { |*| }
    define_method(:passed?) { true }
    define_method(:report) { report.write("{\"end\":true}\n") }
    define_method(:record) do |result|
      file = result.respond_to?(:source_location) ? result.source_location.first : nil
      file = nil unless file && files.exist?(file)
      outcome = result.skipped? ? 'skipped' : result.passed? ? 'passed' : 'failed'
      group = result.respond_to?(:klass) ? result.klass : result.class.name
      line = { file: file && files.expand_path(file), names: [group, result.name], outcome: outcome }
      line.merge!(describe.(result.failure)) if outcome == 'failed'
      report.write("#{JSON.generate(line)}\n")
    end
  end

  Minitest.singleton_class.prepend(Module.new do
    define_method(:init_plugins) do |options|
      super(options)
      reporter << recorder.new
    end
  end)
end.enable
