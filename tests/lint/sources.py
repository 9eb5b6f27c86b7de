# SPDX-License-Identifier: MIT
"""sources.py - rules that one file can break by itself.

Each rule is a function from a file's path and text to (line, message) pairs,
so that the fixtures in selftest.py can feed it a few lines.
"""

import re

import rules

CODE = (".c", ".h", ".S", ".def", ".lds", ".py", ".mk", ".sh")
C_CODE = (".c", ".h", ".S", ".def")
LONGEST = 700
# Put together here, so that this file does not break the rule it states.
LEFTOVERS = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME",
                                           "X" * 3, "HA" + "CK")) + r")\b")
DEAD = re.compile(r"^[ \t]*#[ \t]*if[ \t]+0\b")
MACHINE_PATH = re.compile(r"(?<![\w./$)}-])/(?:work|home|Users|"
                          r"tmp/\w+/\w{2,})[\w/.-]*")
URL = re.compile(r"\b(?:https?|ftp)://[\w.-]+", re.I)
# Hosts of documents people read; hosts that packages come from are not here.
READABLE_HOSTS = re.compile(r"//(?:xenbits\.xen(?:project)?\.org|spdx\.org|"
                            r"www\.gnu\.org|opensource\.org|[\w.-]+\.invalid)"
                            r"\b")
CONDITIONAL = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)\b[ \t]*(.*)")
# A comment, of any of the forms in use, with some words in its first line.
OPENING = re.compile(r'\s*(?:/\*|#\n|# |"""|/\* \*)\s*(?:[#*]\s*)?\S.{15,}')


def is_script(path, body):
    return body.startswith("#!") or path.endswith((".py", ".mk", ".sh")) or \
        path in ("Makefile", "config.mk")


def is_code(path, body):
    return path.endswith(CODE) or is_script(path, body)


def header(path, body):
    """SPDX in the first line (the second after #!), then a paragraph."""
    if not is_code(path, body):
        return
    lines = body.splitlines()
    at = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) <= at or "SPDX-License-Identifier: MIT" not in lines[at]:
        yield at + 1, "no SPDX-License-Identifier: MIT line"
        return
    rest = "\n".join(lines[at + 1:at + 8])
    if not OPENING.match(rest):
        yield at + 2, "no comment that says what this file is for"


def length(path, body):
    """At most 700 lines, unless the file opens with its reason."""
    lines = body.count("\n")
    if is_code(path, body) and lines > LONGEST and \
            "reason for its length:" not in body[:3000].lower():
        yield LONGEST, f"{lines} lines, and no `Reason for its length:`"


def leftovers(path, body):
    """Notes to oneself and dead code."""
    for number, line in enumerate(body.splitlines(), 1):
        match = LEFTOVERS.search(line)
        if match:
            yield number, f"{match.group(1)} left in the tree"
        if DEAD.match(line):
            yield number, "dead code that the preprocessor drops"


def machine(path, body):
    """Nothing of the machine it was written on."""
    for number, line in enumerate(body.splitlines(), 1):
        match = MACHINE_PATH.search(line)
        if match:
            yield number, f"a path of one machine: {match.group()}"
        for url in URL.finditer(line):
            if not READABLE_HOSTS.search(url.group()):
                yield number, f"names a host: {url.group()}"


def whitespace(path, body):
    """No trailing blanks, a newline at the end, tabs for C's indentation."""
    for number, line in enumerate(body.splitlines(), 1):
        if line != line.rstrip():
            yield number, "trailing whitespace"
        if "\r" in line:
            yield number, "carriage return"
        if path.endswith((".c", ".h", ".S")) and line.startswith(" " * 8):
            yield number, "indented with spaces"
    if body and not body.endswith("\n"):
        yield body.count("\n") + 1, "no newline at the end"


def conditionals(path, body):
    """Include guards, __ASSEMBLY__ and CONFIG_ constants, nothing else."""
    if not path.startswith(("hypervisor/", "pvguest-kernel/")) or \
            not path.endswith(C_CODE):
        return
    lines = body.splitlines()
    for number, line in enumerate(lines, 1):
        match = CONDITIONAL.match(line)
        if not match:
            continue
        words = set(re.findall(r"[A-Za-z_]\w*", re.sub(
            r"/\*.*?(\*/|$)", "", match.group(2)))) - {"defined"}
        following = lines[number].split() if number < len(lines) else []
        is_guard = (match.group(1) == "ifndef" and len(words) == 1 and
                    following[:1] == ["#define"] and following[1] in words)
        allowed = all(w == "__ASSEMBLY__" or w.startswith("CONFIG_")
                      for w in words) and words
        if not is_guard and not allowed:
            yield number, f"a variant by #{match.group(1)}: make it a file"


RULES = (header, length, leftovers, machine, whitespace, conditionals)


def make_check(rule):
    def check(report):
        for path in rules.files():
            body = rules.text(path)
            for line, message in rule(path, body):
                report.fail(path, line, message)
    return check
