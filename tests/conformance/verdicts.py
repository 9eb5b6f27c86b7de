# SPDX-License-Identifier: MIT
"""verdicts.py - compares what suites say on Paravane and on upstream Xen.

A rule states what upstream does, so it has to pass there (or be skipped). It
is the same here if the verdict here is the same. It is explained if
docs/divergences.md quotes it, and upstream passes, and we fail or skip.
All else is different: absent on one side, failing on both, broken. A quoted
rule that does not differ any more is a failure too.

Not here: getting the verdicts (boots.py).
"""

import re

GOOD = ("pass", "skip")


def explained_rules(path, suites):
    """The rules quoted as `SUITE: RULE` in backquotes, of these suites."""
    text = " ".join(path.read_text().split())
    names = "|".join(map(re.escape, suites))
    return set(re.findall(rf"`((?:{names}): [^`]+)`", text))


class Count:
    """How the rules of one suite came out in one role on so many CPUs."""

    KINDS = ("same", "explained", "different")

    def __init__(self):
        self.same = self.explained = self.different = 0

    def numbers(self):
        return (self.same + self.explained + self.different, self.same,
                self.explained, self.different)

    def __str__(self):
        text = str(self.same)
        if self.explained:
            text += f" +{self.explained}"
        return text + f" !{self.different}" if self.different else text


class Comparison:
    """Counts by (suite, role, CPUs), explained rules, and complaints."""

    def __init__(self, quoted):
        self.quoted = quoted
        self.met = set()        # quoted rules that do differ
        self.counts = {}
        self.explained = {}     # (rule, role, what was said): [CPUs]
        self.complaints = []    # lines; those that go on are indented

    def add(self, suite, role, cpus, results):
        """results: {hypervisor: Outcome} of one or two hypervisors."""
        where = f"{role}, {cpus} CPU" + "s" * (cpus > 1)
        for name, outcome in results.items():
            self.complaints += [
                problem if problem.startswith("    ") else
                f"{suite} ({where}, {name}): {problem}"
                for problem in outcome.problems]
        count = self.counts[suite, role, cpus] = Count()
        for rule in dict.fromkeys(rule for outcome in results.values()
                                  for rule in outcome.verdicts):
            got = {name: outcome.verdicts.get(rule, "absent")
                   for name, outcome in results.items()}
            kind = self._judge(rule, got)
            setattr(count, kind, getattr(count, kind) + 1)
            said = ", ".join(f"{name} {word}" for name, word in got.items())
            if kind == "explained":
                self.explained.setdefault((rule, role, said), []).append(cpus)
            elif kind == "different":
                self._complain(f"{rule} ({where}): {said}", rule, results)

    def _judge(self, rule, got):
        verdicts = set(got.values())
        if len(verdicts) == 1 and verdicts <= set(GOOD):
            return "same"
        if rule not in self.quoted:
            return "different"
        self.met.add(rule)
        explained = got.get("paravane") in ("fail", "skip") and \
            got.get("xen", "pass") == "pass"
        return "explained" if explained else "different"

    def _complain(self, line, rule, results):
        self.complaints.append(line)
        for name, outcome in results.items():
            self.complaints += [f"    {name}: {detail}" for detail in
                                outcome.details.get(rule, ())]

    def failures(self):
        return sum(not line.startswith("    ") for line in self.complaints)

    def complain_of_stale(self):
        for rule in sorted(self.quoted - self.met):
            self.complaints.append(f"docs/divergences.md quotes a rule that "
                                   f"does not differ: {rule}")

    def table(self):
        """One row a suite, a column for each role and number of CPUs."""
        places = list(dict.fromkeys(place for _, *place in self.counts
                                    for place in [tuple(place)]))
        head = [f"{role} {cpus}" for role, cpus in places]
        yield "| " + " | ".join(["suite", *head]) + " |"
        yield "|---" + "|---:" * len(places) + "|"
        for suite in dict.fromkeys(suite for suite, *_ in self.counts):
            cells = [str(self.counts[(suite, *place)]) for place in places]
            yield "| " + " | ".join([suite, *cells]) + " |"

    def total(self):
        sums = map(sum, zip(*(c.numbers() for c in self.counts.values())))
        return "%d rules, %d same, %d explained in divergences.md, " \
            "%d different" % tuple(sums)

    def good(self):
        return sum(c.same + c.explained for c in self.counts.values())
