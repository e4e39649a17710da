"""A pytest plugin. In the first pytest process of a command, it writes one line per test to a report file."""

import json
import os
import re
import time

_folder = os.path.dirname(os.path.abspath(__file__))
# The function that writes to the report. It is in a list, because pyfakefs replaces functions of the file
# system in modules.
_report = []
_started = False
# The function that records when tests start and end; empty if nobody asked for this.
_record = []
# The full description of a failure is long. After this many failures, the report leaves it out.
_max_described = 100
_max_characters = 10000


def pytest_configure(config):
    global _started
    # Skip xdist workers, which send their results to the first process. Also skip a pytest process that a
    # test starts.
    if _started or os.environ.setdefault("PULLWRIGHT_PYTEST", str(os.getpid())) != str(os.getpid()):
        return
    _started = True
    _report.append(_open("pytest"))
    # The workers of xdist run tests at the same time.
    is_parallel = bool(getattr(config.option, "numprocesses", None))
    if os.path.exists(os.path.join(_folder, "record-starts")) and not is_parallel:
        _record.append(_open("starts"))
    config.option.maxfail = 0
    config.pluginmanager.register(_Recorder(config), "pullwright-recorder")


class _Recorder:
    def __init__(self, config):
        self.join = os.path.join
        self.root = str(getattr(config, "rootpath", None) or config.rootdir)
        self.running = {}
        self.described = 0

    def pytest_runtest_logstart(self, nodeid):
        self.record("start", nodeid)

    def pytest_runtest_logfinish(self, nodeid):
        self.record("end", nodeid)

    def record(self, type, nodeid):
        for append in _record:
            file, *names = nodeid.split("::")
            event = {"type": type, "at": _next_millisecond(), "file": self.join(self.root, file), "names": names}
            append(json.dumps(event) + "\n")

    def pytest_runtest_logreport(self, report):
        key = (report.nodeid, getattr(report, "node", None))
        seen = self.running.setdefault(key, {"outcome": "passed"})
        if report.failed and seen["outcome"] != "failed":
            seen.update(outcome="failed", **self.describe(report))
        elif report.skipped and seen["outcome"] == "passed":
            seen["outcome"] = "skipped"
        if report.when == "teardown":
            self.write(report.nodeid, **self.running.pop(key))

    def pytest_collectreport(self, report):
        if report.failed:
            self.write(report.nodeid, "failed", **self.describe(report))

    def pytest_sessionfinish(self):
        # These tests were running when their worker died, so pytest has no result for them.
        for (nodeid, _), seen in self.running.items():
            self.write(nodeid, **seen)
        _append({"end": True})

    def describe(self, report):
        self.described += 1
        message = _shorten(_message(report.longrepr))
        if self.described > _max_described:
            return {"message": message}
        output = "\n".join("%s:\n%s" % section for section in report.sections)
        return {"message": message, "trace": _shorten(_trace(report.longrepr)), "output": _shorten(output)}

    def write(self, nodeid, outcome, **failure):
        file, *names = nodeid.split("::")
        _append({
            "file": self.join(self.root, file) if file else None,
            "names": names, "outcome": outcome, **failure,
        })


def _next_millisecond(now=time.time):
    """Waits for the next millisecond. Whatever happened before has then an earlier time."""
    before = int(now() * 1000)
    # Tests can stop the clock.
    for _ in range(1000000):
        if int(now() * 1000) != before:
            break
    return int(now() * 1000)


def _message(longrepr):
    crash = getattr(longrepr, "reprcrash", None)
    if crash:
        return crash.message
    # The file could not be loaded. Lines of the error start with "E".
    text = str(longrepr or "failed")
    errors = re.findall(r"^E +(\S.*)", text, re.MULTILINE)
    return errors[-1] if errors else text


def _trace(longrepr):
    """Returns the traceback without the frames that are in Python itself or in a package."""
    chain = getattr(longrepr, "chain", None)
    if not chain:
        return str(longrepr or "")
    parts = []
    for traceback, _, description in chain:
        entries = [one for one in traceback.reprentries if not _is_foreign(one)]
        for entry in entries or traceback.reprentries[-1:]:
            parts += entry.lines
            parts += [str(entry.reprfileloc)] if getattr(entry, "reprfileloc", None) else []
        parts += [description] if description else []
    return "\n".join(parts)


def _is_foreign(entry):
    return "/lib/python" in str(getattr(getattr(entry, "reprfileloc", None), "path", ""))


def _shorten(text):
    half = _max_characters // 2
    return text if len(text) <= _max_characters else text[:half] + "\n...\n" + text[-half:]


def _open(name):
    """Opens a report. Tests can replace the file system, so it is opened before they start."""
    file = os.path.join(_folder, "%s-%d.jsonl" % (name, os.getpid()))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    write = os.write

    def append(text):
        data = text.encode("utf-8", "replace")
        while data:
            data = data[write(descriptor, data):]

    return append


def _append(value):
    _report[0](json.dumps(value) + "\n")
