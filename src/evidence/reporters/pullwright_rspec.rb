# A formatter for RSpec. It writes one line per example to a report file. Other formatters still print for
# people.
require 'json'
require 'rspec/core'

class PullwrightRspec
  RSpec::Core::Formatters.register self, :example_passed, :example_failed, :example_pending, :message, :close

  def initialize(_output)
    # Tests can replace the classes of the file system. The report is opened before they start.
    @files = File
    @report = File.open(File.join(__dir__, "rspec-#{Process.pid}.jsonl"), 'a')
    @report.sync = true
  end

  def example_passed(notification) = write(notification.example, 'passed')

  def example_pending(notification) = write(notification.example, 'skipped')

  def example_failed(notification)
    @described = @described.to_i + 1
    message = notification.example.exception&.message
    write(notification.example, 'failed', message: shorten(message), trace: trace(notification))
  end

  # RSpec reports an error outside of examples as text only, and then runs no examples.
  def message(notification)
    file = notification.message[/An error occurred while loading (\S+?\.rb)\b/, 1]
    return unless file

    @broken = true
    append(file: @files.expand_path(file), names: [], outcome: 'failed', message: notification.message.strip)
  end

  def close(_notification) = @broken || append(end: true)

  private

  # The full description of a failure is long. After 100 failures, the report leaves it out.
  def trace(notification)
    return if @described > 100

    shorten([*notification.message_lines, *notification.formatted_backtrace].join("\n"))
  end

  def shorten(text)
    text = text&.scrub
    text && text.length > 10_000 ? "#{text[0, 5000]}\n...\n#{text[-5000..]}" : text
  end

  def write(example, outcome, **failure)
    names = example.example_group.parent_groups.reverse.map(&:description) + [example.description]
    file = @files.expand_path(example.metadata[:file_path])
    append(file: file, names: names, outcome: outcome, **failure)
  end

  def append(line)
    @report.write("#{JSON.generate(line)}\n")
  end
end
