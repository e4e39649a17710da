"""Runs unittest and writes one line per test to a report file.

Usage:
  python -m pullwright_unittest ARGS              as python -m unittest ARGS
  python -m pullwright_unittest --run SCRIPT ARGS  as python SCRIPT ARGS
"""

import json
import os
import runpy
import sys
import unittest

__unittest = True
_folder = os.path.dirname(os.path.abspath(__file__))
_results = {}
# The full description of a failure is long. After this many failures, the report leaves it out.
_max_described = 100
_described = 0
_max_characters = 10000


def _write(test, outcome, message=None, trace=None):
    file, names = _place(test)
    _append({"file": file, "names": names, "outcome": outcome, "message": message, "trace": trace})


def _open():
    """Opens the report. Tests can replace the file system, so it is opened before they start."""
    file = os.path.join(_folder, "unittest-%d.jsonl" % os.getpid())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    write = os.write

    def append(text):
        data = text.encode("utf-8", "replace")
        while data:
            data = data[write(descriptor, data):]

    return append


# The function that writes to the report. It is in a list, because pyfakefs replaces functions of the file
# system in modules.
_report = [_open()]


def _append(value):
    _report[0](json.dumps(value) + "\n")


def _place(test):
    if type(test).__name__ == "_FailedTest":
        # The module could not be imported.
        return _module_file(test._testMethodName), []
    if type(test).__name__ == "_ErrorHolder":
        # The description is "setUpClass (package.module.Class)". None of the tests in the class runs.
        inside = test.description.partition("(")[2].rstrip(")")
        if inside in sys.modules:
            return _module_file(inside), []
        module, _, name = inside.rpartition(".")
        return _module_file(module), [name]
    module = type(test).__module__
    names = test.id()
    names = names[len(module) + 1:] if names.startswith(module + ".") else names
    return _module_file(module), names.rsplit(".", 1)


def _module_file(name):
    file = getattr(sys.modules.get(name), "__file__", None)
    if file:
        return os.path.abspath(file)
    for folder in sys.path:
        for ending in (".py", "/__init__.py"):
            file = os.path.abspath(os.path.join(folder or ".", name.replace(".", "/") + ending))
            if os.path.exists(file):
                return file
    return None


def _hook(method, outcome):
    original = getattr(unittest.TestResult, method)

    def record(self, test, *details):
        original(self, test, *details)
        failure = ()
        if outcome == "failed":
            recorded = self.failures if method == "addFailure" else self.errors
            failure = _describe(details[0], recorded) if details else ("unexpected success",)
        if outcome == "failed" or id(test) not in _results:
            _results[id(test)] = (outcome, *failure)
        if type(test).__name__ == "_ErrorHolder":
            _write(test, *_results.pop(id(test)))

    setattr(unittest.TestResult, method, record)


def _describe(error, recorded):
    """Returns the message of an error and its traceback, which is the newest entry of the result's list."""
    global _described
    _described += 1
    message = _shorten("%s: %s" % (error[0].__name__, error[1]))
    trace = recorded[-1][1] if recorded else None
    if not isinstance(trace, str) or _described > _max_described:
        return (message,)
    return (message, _shorten(trace))


def _shorten(text):
    half = _max_characters // 2
    return text if len(text) <= _max_characters else text[:half] + "\n...\n" + text[-half:]


def _watch():
    for method, outcome in {
        "addSuccess": "passed", "addFailure": "failed", "addError": "failed", "addSkip": "skipped",
        "addExpectedFailure": "passed", "addUnexpectedSuccess": "failed",
    }.items():
        _hook(method, outcome)
    add_sub_test, stop_test = unittest.TestResult.addSubTest, unittest.TestResult.stopTest

    def record_sub_test(self, test, subtest, error):
        add_sub_test(self, test, subtest, error)
        if error is not None:
            is_failure = issubclass(error[0], test.failureException)
            recorded = self.failures if is_failure else self.errors
            _results[id(test)] = ("failed", *_describe(error, recorded))

    def record_end(self, test):
        stop_test(self, test)
        _write(test, *_results.pop(id(test), ("failed", "the test ended without a result")))

    unittest.TestResult.addSubTest = record_sub_test
    unittest.TestResult.stopTest = record_end


def _wanted_files():
    try:
        with open(os.path.join(_folder, "files"), encoding="utf-8") as file:
            return set(file.read().split("\n")) - {""}
    except FileNotFoundError:
        return set()


def _narrow(suite, files):
    if not isinstance(suite, unittest.BaseTestSuite):
        return [suite] if _place(suite)[0] in files else []
    return [test for part in suite for test in _narrow(part, files)]


class _Program(unittest.TestProgram):
    def createTests(self, *arguments, **options):
        super().createTests(*arguments, **options)
        chosen = _narrow(self.test, _wanted_files())
        if chosen:
            self.test = self.testLoader.suiteClass(chosen)


def main():
    _watch()
    sys.path[:] = [folder for folder in sys.path if folder != _folder]
    try:
        if sys.argv[1:2] == ["--run"]:
            sys.argv = sys.argv[2:]
            sys.path.insert(0, os.path.dirname(os.path.abspath(sys.argv[0])))
            runpy.run_path(sys.argv[0], run_name="__main__")
        else:
            _Program(module=None, argv=["python -m unittest", *sys.argv[1:]])
    finally:
        _append({"end": True})


if __name__ == "__main__":
    main()
