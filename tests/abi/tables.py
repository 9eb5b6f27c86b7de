# SPDX-License-Identifier: MIT
"""tables.py - include/abi/*.def against the headers, ours and upstream's.

Guards: a number in a table is the constant's that the row names, rows are in
order and occur once, and layouts are what both compilers say.
"""

import re

from report import ROOT

ABI = ROOT / "include" / "abi"
CALLERS = {"ANY", "TARGET", "CONTROL", "BLOCK"}


def rows(path, macro):
    """The argument lists of every use of a macro at the start of a line."""
    for line in path.read_text().splitlines():
        match = re.match(rf"{macro}\s*\((.*)\)$", line)
        if match:
            yield [f.strip() for f in
                   re.findall(r'\s*("[^"]*"|[^,]+)', match.group(1))]


def check_calls(report, mine, its):
    path = ABI / "hypercalls.def"
    calls, last, problems = {}, -1, []
    for number, name, front, count, caller, purpose in rows(path, "HYPERCALL"):
        n = int(number)
        if n <= last:
            problems.append(f"{name}: {n} is not above {last}")
        for side, values in (("our", mine), ("upstream's", its)):
            if values.get(f"__HYPERVISOR_{name}", n) != n:
                problems.append(f"{name}: {side} number is another")
        if f"__HYPERVISOR_{name}" not in mine:
            problems.append(f"{name}: no such constant")
        if caller not in CALLERS or not front.startswith("hc_"):
            problems.append(f"{name}: bad caller or front")
        calls[name] = last = n
    report.check("hypercalls.def calls", problems)

    problems, seen = [], {}
    for call, constant, number, argument, caller, _ in rows(path, "SUBCALL"):
        n = int(number, 0)
        if call not in calls:
            problems.append(f"{constant}: no call {call}")
        if n <= seen.get(call, -1):
            problems.append(f"{constant}: {n} is out of order")
        if mine.get(constant) != n:
            problems.append(f"{constant} is not {n} in our headers")
        if its.get(constant, n) != n:
            problems.append(f"{constant} is not {n} in upstream's headers")
        if argument not in ("void", "char") and \
                f"sizeof {argument}" not in mine:
            problems.append(f"{constant}: no type {argument}")
        if caller not in CALLERS - {"BLOCK"}:
            problems.append(f"{constant}: bad caller {caller}")
        seen[call] = n
    report.check("hypercalls.def sub-calls", problems)


def check_layout(report, mine, its):
    path, problems = ABI / "layout.def", []
    keys = {f"sizeof {t}": int(n) for t, n in rows(path, "ABI_SIZE")}
    keys.update({f"{t}.{f}": int(n) for t, f, n in rows(path, "ABI_FIELD")})
    for key, value in keys.items():
        if mine.get(key) != value:
            problems.append(f"{key} is not {value} in our headers")
        if its.get(key, value) != value:
            problems.append(f"{key} is not {value} in upstream's headers")
        if "paravane" not in key and key not in its:
            problems.append(f"{key}: upstream has none")
    report.check(f"layout.def: {len(keys)} rows", problems)


def check(report, mine, its):
    check_calls(report, mine, its)
    check_layout(report, mine, its)
