"""The scripts of a written page, run by Node: what the page computes, without a browser."""

import json
import re
import shutil
import subprocess

import pytest

_SCRIPT = re.compile(r'<script data-file="([^"]+)">(.*?)</script>', re.DOTALL)
_DATA = re.compile(r'<script type="application/json" id="(\w+)">(.*?)</script>', re.DOTALL)

_PROGRAM = """
const page = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const [name, text] of page.scripts) require("vm").runInThisContext(text, name);
const run = new Function("fastnn", "data", "given", page.program);
process.stdout.write(JSON.stringify(run(globalThis.fastnn, page.data, page.given)));
"""


def in_node(page, program, given=None):
    """What `program` returns: the body of a function of (fastnn, data, given).

    page   the HTML, whose scripts run first, but for those that need a document at once
    given  what it gets, anything that JSON holds
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    scripts = [(name, text) for name, text in _SCRIPT.findall(page) if name != "frame/tabs.js"]
    assert scripts
    data = {name: json.loads(text) for name, text in _DATA.findall(page)}
    told = json.dumps({"scripts": scripts, "data": data, "program": program, "given": given})
    done = subprocess.run(
        [node, "-e", _PROGRAM], input=told, capture_output=True, text=True, timeout=120
    )
    assert not done.returncode, done.stderr[-3000:]
    return json.loads(done.stdout)
