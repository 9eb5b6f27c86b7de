#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""selftest.py - the comparison has to see what it is for, without any boot.

Every case is a pair of outcomes, one a hypervisor, and what must come of it.
That the document begins as run would begin it is seen here, too: after all the
boots it would be late.
"""

import pathlib
import runpy
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from boots import AUDIT, Boots, Outcome, read  # noqa: E402
from verdicts import Comparison, explained_rules  # noqa: E402

# ours, Xen's, is the rule quoted: (same, explained, different)
VERDICTS = {
    ("pass", "pass", False): (1, 0, 0),
    ("skip", "skip", False): (1, 0, 0),
    ("fail", "fail", False): (0, 0, 1),
    ("broken", "broken", False): (0, 0, 1),
    ("fail", "pass", False): (0, 0, 1),
    ("skip", "pass", False): (0, 0, 1),
    ("pass", "skip", False): (0, 0, 1),
    ("pass", None, False): (0, 0, 1),
    (None, "pass", False): (0, 0, 1),
    ("fail", "pass", True): (0, 1, 0),
    ("skip", "pass", True): (0, 1, 0),
    ("pass", "fail", True): (0, 0, 1),
    ("fail", "fail", True): (0, 0, 1),
    ("broken", "pass", True): (0, 0, 1),
    (None, "pass", True): (0, 0, 1),
}
RULE = "suite: a rule"


def outcome(verdict):
    return Outcome({RULE: verdict} if verdict else {})


def check_verdicts():
    for (ours, theirs, quoted), wanted in VERDICTS.items():
        c = Comparison({RULE} if quoted else set())
        c.add("suite", "first", 2, {"paravane": outcome(ours),
                                 "xen": outcome(theirs)})
        got = c.counts["suite", "first", 2].numbers()[1:]
        assert got == wanted, (ours, theirs, quoted, got)
        assert c.failures() == wanted[2], c.complaints


def check_stale():
    c = Comparison({RULE})
    c.add("suite", "first", 2, {"paravane": outcome("pass"),
                             "xen": outcome("pass")})
    c.complain_of_stale()
    assert c.failures() == 1


def check_quotes():
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("a `call` and `suite: a\nrule`, `other: rule`, not suite: x\n")
        f.flush()
        assert explained_rules(pathlib.Path(f.name), ["suite"]) == {RULE}


def check_texts():
    whole = ["  why", f"RULE {RULE}: fail", "SUITE suite: 0 pass, 1 fail"]
    good = read(whole, "log", [])
    assert (good.verdicts, good.problems) == ({RULE: "fail"}, [])
    assert good.details[RULE] == ["why"]
    assert read(whole[:2], "log", []).problems
    assert read(whole[:2] + whole, "log", []).problems


def check_audits():
    for line, free, bad in (
            ("errors 0, free frames 7", "7", 0), ("none", "7", 1),
            ("errors 1, free frames 7", "7", 1),
            ("errors 0, free frames 6", "7", 1)):
        result = Outcome()
        Boots._judge_audit(result, AUDIT.search(line), free)
        assert len(result.problems) == bad, (line, result.problems)


def check_document():
    run = runpy.run_path(str(pathlib.Path(__file__).with_name("run")))
    assert (run["ROOT"] / "docs" / "conformance.md").read_text().startswith(
        run["DOCUMENT"]), "docs/conformance.md begins otherwise: make oracle-doc"


if __name__ == "__main__":
    for check in (check_verdicts, check_stale, check_quotes, check_texts,
                  check_audits, check_document):
        check()
    print("the comparison sees what it is for")
