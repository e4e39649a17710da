"""A pytest plugin. In the first pytest process of a command, it writes one line per test to a report file."""

import json
import os

_report = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytest-%d.jsonl" % os.getpid())
_started = False


def pytest_configure(config):
    global _started
    # Skip xdist workers, which send their results to the first process. Also skip a pytest process that a
    # test starts.
    if _started or os.environ.setdefault("PULLWRIGHT_PYTEST", str(os.getpid())) != str(os.getpid()):
        return
    _started = True
    config.option.maxfail = 0
    config.pluginmanager.register(_Recorder(config), "pullwright-recorder")


class _Recorder:
    def __init__(self, config):
        self.root = str(getattr(config, "rootpath", None) or config.rootdir)
        self.running = {}

    def pytest_runtest_logreport(self, report):
        key = (report.nodeid, getattr(report, "node", None))
        seen = self.running.setdefault(key, {"outcome": "passed", "message": None})
        if report.failed:
            seen.update(outcome="failed", message=seen["message"] or _message(report))
        elif report.skipped and seen["outcome"] == "passed":
            seen["outcome"] = "skipped"
        if report.when == "teardown":
            self.write(report.nodeid, **self.running.pop(key))

    def pytest_collectreport(self, report):
        if report.failed:
            self.write(report.nodeid, "failed", _message(report))

    def pytest_sessionfinish(self):
        # These tests were running when their worker died, so pytest has no result for them.
        for (nodeid, _), seen in self.running.items():
            self.write(nodeid, **seen)
        _append({"end": True})

    def write(self, nodeid, outcome, message):
        file, *names = nodeid.split("::")
        _append({
            "file": os.path.join(self.root, file) if file else None,
            "names": names, "outcome": outcome, "message": message,
        })


def _message(report):
    crash = getattr(report.longrepr, "reprcrash", None)
    return crash.message if crash else str(report.longrepr or "failed")


def _append(value):
    with open(_report, "a", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")
