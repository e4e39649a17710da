"""Python loads this file as `sitecustomize` into every process of a test command whose coverage is measured. It
records which lines of the changed files run. It must also work in old versions of Python."""

import ast
import atexit
import dis
import importlib.machinery
import importlib.util
import json
import os
import sys
import threading

_folder = os.path.dirname(os.path.abspath(__file__))


def _record():
    with open(os.path.join(_folder, "changed"), encoding="utf-8") as listed:
        root, *files = listed.read().split("\n")
    wanted = {os.path.join(root, name): name for name in files if name.endswith(".py")}
    coverage = os.path.join(_folder, "coverage")
    _describe(wanted, os.path.join(coverage, "python-code.json"))
    report = os.open(
        os.path.join(coverage, "python-%d.json" % os.getpid()), os.O_WRONLY | os.O_CREAT | os.O_APPEND
    )
    # Tests can replace these functions, for example with pyfakefs.
    write, absolute, dumps, get_trace = os.write, os.path.abspath, json.dumps, sys.gettrace
    names = {}
    seen = set()

    def send(record):
        write(report, (dumps(record) + "\n").encode())

    def on_line(frame, event, _):
        if event == "line":
            place = (frame.f_code.co_filename, frame.f_lineno)
            if place not in seen:
                seen.add(place)
                # A process can be killed at any time, so nothing waits for its end.
                send({"python": names[place[0]], "ran": [place[1]]})
        return on_line

    def on_call(frame, _, __):
        file = frame.f_code.co_filename
        if file not in names:
            names[file] = wanted.get(absolute(file))
        return None if names[file] is None else on_line

    # Other tools, such as coverage.py, replace this function. Nothing is then known about what runs.
    atexit.register(lambda: send({"traced": get_trace() is on_call}))
    threading.settrace(on_call)
    sys.settrace(on_call)


def _describe(wanted, file):
    """Writes the numbers of the lines that can run. The first process does this for all."""
    try:
        report = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return
    for path, name in wanted.items():
        try:
            with open(path, "rb") as source:
                text = source.read()
            lines = sorted(_statements(ast.parse(text)) & _lines_in(compile(text, path, "exec")))
        except (OSError, SyntaxError, ValueError):
            continue
        os.write(report, (json.dumps({"python": name, "code": lines}) + "\n").encode())
    os.close(report)


def _statements(tree):
    """Leaves out imports, documentation and statements that do nothing."""
    silent = (ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and not isinstance(node, silent)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    }


def _lines_in(code):
    lines = {line for _, line in dis.findlinestarts(code) if line}
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            lines |= _lines_in(constant)
    return lines


def _load_hidden():
    """Loads the `sitecustomize` that Python would have loaded without this file."""
    places = [place for place in sys.path if os.path.abspath(place or ".") != _folder]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", places)
    if spec and spec.loader:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


_record()
_load_hidden()
