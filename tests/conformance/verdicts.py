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
    """The rules quoted in backquotes as `SUITE: RULE`, of these suites."""
    text = " ".join(path.read_text().split())
    quoted = re.findall(r"`([^`]+)`", text)
    return {q for q in quoted if q.partition(": ")[0] in suites
            and ": " in q}


class Table:
    """Rows (suite, role) with their counts, and what is to be complained of."""

    def __init__(self, explained):
        self.explained = explained
        self.differed = set()
        self.rows = []
        self.complaints = []

    def add(self, suite, role, results):
        """results: {hypervisor: Outcome}, one or both of them."""
        ours, theirs = results.get("paravane"), results.get("xen")
        for name, outcome in results.items():
            self.complaints += [f"{suite} ({role}, {name}): {problem}"
                                for problem in outcome.problems]
        rules = dict.fromkeys(r for outcome in results.values()
                              for r in outcome.verdicts)
        count = {"same": 0, "explained": 0, "different": 0}
        for rule in rules:
            got = {name: outcome.verdicts.get(rule, "absent")
                   for name, outcome in results.items()}
            kind = self._judge(rule, got, ours and theirs)
            count[kind] += 1
            if kind == "different":
                self._complain(rule, role, got, results)
        self.rows.append((suite, role, len(rules), count["same"],
                          count["explained"], count["different"]))

    def _judge(self, rule, got, both):
        verdicts = set(got.values())
        if len(verdicts) == 1 and verdicts <= set(GOOD):
            return "same"
        if rule in self.explained:
            self.differed.add(rule)
            if got.get("paravane") in ("fail", "skip") and \
                    (not both or got["xen"] == "pass"):
                return "explained"
        return "different"

    def _complain(self, rule, role, got, results):
        said = ", ".join(f"{name} {verdict}" for name, verdict in got.items())
        self.complaints.append(f"{rule} ({role}): {said}")
        for name, outcome in results.items():
            self.complaints += [f"    {name}: {line}"
                                for line in outcome.details.get(rule, [])
                                if got[name] not in GOOD or len(got) > 1]

    def stale(self):
        """Quoted rules that were the same wherever they were looked at."""
        return sorted(self.explained - self.differed)

    def totals(self):
        return tuple(sum(row[i] for row in self.rows) for i in range(2, 6))

    def lines(self):
        """The table, as it is printed and written down."""
        yield "| suite | role | rules | same | explained | different |"
        yield "|---|---|---:|---:|---:|---:|"
        for row in self.rows:
            yield "| " + " | ".join(map(str, row)) + " |"

    def total_line(self):
        return "%d rules, %d same, %d explained in divergences.md, " \
            "%d different" % self.totals()
