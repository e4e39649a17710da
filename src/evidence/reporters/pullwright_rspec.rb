# A formatter for RSpec. It writes one line per example to a report file. Other formatters still print for
# people.
require 'json'
require 'rspec/core'

class PullwrightRspec
  RSpec::Core::Formatters.register self, :example_passed, :example_failed, :example_pending, :message, :close

  def initialize(_output)
    @report = File.join(__dir__, "rspec-#{Process.pid}.jsonl")
  end

  def example_passed(notification) = write(notification.example, 'passed')

  def example_pending(notification) = write(notification.example, 'skipped')

  def example_failed(notification)
    write(notification.example, 'failed', notification.example.exception&.message)
  end

  # RSpec reports an error outside of examples as text only, and then runs no examples.
  def message(notification)
    file = notification.message[/An error occurred while loading (\S+?\.rb)\b/, 1]
    return unless file

    @broken = true
    append(file: File.expand_path(file), names: [], outcome: 'failed', message: notification.message.strip)
  end

  def close(_notification) = @broken || append(end: true)

  private

  def write(example, outcome, message = nil)
    names = example.example_group.parent_groups.reverse.map(&:description) + [example.description]
    file = File.expand_path(example.metadata[:file_path])
    append(file: file, names: names, outcome: outcome, message: message&.scrub)
  end

  def append(line)
    File.write(@report, "#{JSON.generate(line)}\n", mode: 'a')
  end
end
