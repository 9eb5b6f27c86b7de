# SPDX-License-Identifier: MIT
"""selftest.py - the lints themselves, each fed a fixture that breaks it.

Every row is (what is tried, the found failures, whether there should be any).
"""

import layers
import sources
import wholes

LAYERS = """\
top
*/ops.c
left right
low
only */state.h: low public
allow left/door.h right/door.h: the one exception
"""
HEAD = "/* SPDX-License-Identifier: MIT */\n/* a.c - what it guards here. */\n"
WORD = "TO" + "DO"


def include(path, header):
    found = layers.Layers(LAYERS).problem(path, header)
    return [found] if found else []


def source(rule, body, path="hypervisor/low/a.c"):
    return list(rule(path, body))


def stops(*numbers):
    return list(wholes.tour_numbers(
        [wholes.tour.Stop(n, "a.c", n, "text") for n in numbers]))


def partner(files, reasons=""):
    return list(wholes.partners(files, wholes.read_reasons(reasons)))


def rows():
    s = sources
    mech, test = "hypervisor/mm/a.c", "tests/unit/test_mm_a.c"
    yield "a lower room is included", include("top/a.c", "low/b.h"), False
    yield "its own room is included", include("low/a.c", "low/b.h"), False
    yield "a higher room is included", include("low/a.c", "top/b.h"), True
    yield "a sibling is included", include("left/a.c", "right/b.h"), True
    yield "a front looks sideways", include("left/ops.c", "right/b.h"), False
    yield "a front looks up", include("left/ops.c", "top/b.h"), True
    yield "an unknown room", include("left/a.c", "attic/b.h"), True
    yield "state.h stays low", include("left/state.h", "low/b.h"), False
    yield "state.h looks around", include("top/state.h", "left/b.h"), True
    yield "a listed exception", include("left/door.h", "right/door.h"), False
    yield "a good header", source(s.header, HEAD), False
    yield "no SPDX line", source(s.header, "/* a.c - guards. */\n"), True
    yield "no opening comment", source(
        s.header, HEAD.splitlines()[0] + "\n#include <b.h>\n"), True
    yield "700 lines", source(s.length, "x\n" * 700), False
    yield "701 lines", source(s.length, "x\n" * 701), True
    yield "701 lines with a reason", source(
        s.length, "/* Reason for its length: a table. */\n" + "x\n" * 701), \
        False
    yield "a note to oneself", source(s.leftovers, f"/* {WORD}: x */\n"), True
    yield "dead code", source(s.leftovers, "#if" + " 0\n"), True
    yield "a word that holds one", source(s.leftovers, "MASTODON\n"), False
    yield "a path of a machine", source(s.machine, "x = /ho" "me/me/x\n"), True
    yield "a path of any machine", source(s.machine, "/usr/bin/env\n"), False
    yield "a host", source(s.machine, "htt" "p://example.test/x\n"), True
    yield "trailing blank", source(s.whitespace, "a \n"), True
    yield "no last newline", source(s.whitespace, "a"), True
    yield "spaces for a tab", source(s.whitespace, " " * 8 + "a\n"), True
    yield "tabs", source(s.whitespace, "\ta\n"), False
    yield "a guard", source(s.conditionals, "#ifndef A\n#define A\n"), False
    yield "a constant", source(s.conditionals, "#if CONFIG_DEBUG\n"), False
    yield "a variant", source(s.conditionals, "#ifdef XEN\n"), True
    yield "a whole tour", stops(1, 2, 3), False
    yield "a gap in the tour", stops(1, 3), True
    yield "a stop twice", stops(1, 2, 2), True
    yield "a mechanism with its test", partner([mech, test]), False
    yield "a mechanism without one", partner([mech]), True
    yield "a reason instead", partner([mech], f"{mech}: no host"), False
    yield "an empty reason", partner([mech], f"{mech}:"), True
    yield "a stale reason", partner([], f"{mech}: no host"), True
    yield "a reason and a test", partner([mech, test], f"{mech}: no"), True


def check(report):
    for name, found, expected in rows():
        if bool(found) != expected:
            report.fail("tests/lint/selftest.py", 0, f"{name}: expected "
                        f"{'a failure' if expected else 'none'}, got {found}")
