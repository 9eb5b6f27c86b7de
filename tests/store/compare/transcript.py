# SPDX-License-Identifier: MIT
"""transcript.py - a conversation with a daemon, written down.

Each line says who heard what, in the order in which it came. Transactions are
named by the order in which they were started: their numbers are the daemon's
own affair.
"""

import re

from wire import Gone, Ring, Socket, name_of


def text(body):
    shown = body.decode("latin-1").encode("unicode_escape").decode()
    shown = shown.replace("\\x00", "|")
    return shown if len(shown) < 300 else \
        f"{shown[:100]}...{len(body)}...{shown[-100:]}"


class Session:
    """Several connections to one daemon: letters are sockets, numbers are
    domains."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.lines = []
        self.links = {}
        self.transactions = {0: "-"}

    def link(self, who):
        if who not in self.links:
            if isinstance(who, int):
                self.links[who] = Ring(self.daemon.folder, who)
            else:
                self.links[who] = Socket(self.daemon.socket)
        return self.links[who]

    def make_domain(self, domid):
        """Has the daemon know a domain that we then play."""
        Ring.make(self.daemon.folder, domid)
        self.ask("INTRODUCE", f"{domid}\0{1000 + domid}\0{domid + 1}\0")

    def say(self, line):
        self.lines.append(line)

    def hear(self, who):
        kind, number, transaction, body = self.link(who).message()
        name = name_of(kind)
        known = self.transactions.get(transaction, transaction)
        shown = body
        if name == "DIRECTORY_PART":
            # How many changes there were is the daemon's own affair too.
            shown = re.sub(rb"^\d+", b"N", body)
        self.say(f"  {who} {name} t={known} {text(shown)}")
        return kind, number, body

    def ask(self, kind, body=b"", transaction=0, who="a"):
        """Sends a request and writes down everything up to its answer.
        Returns the answer's body, or None for an error."""
        body = body.encode() if isinstance(body, str) else body
        name = kind if isinstance(kind, str) else name_of(kind)
        known = self.transactions.get(transaction, transaction)
        self.say(f"{who} {name} t={known} {text(body)}")
        try:
            number = self.link(who).send(kind, body, transaction)
            while True:
                answer, heard, data = self.hear(who)
                if heard == number and name_of(answer) != "WATCH_EVENT":
                    return None if name_of(answer) == "ERROR" else data
        except Gone:
            self.say(f"  {who} gone")
            self.links.pop(who).close()
            return None

    def start(self, who="a"):
        """Begins a transaction; returns its number."""
        link = self.link(who)
        number = link.send("TRANSACTION_START", b"\0")
        self.say(f"{who} TRANSACTION_START")
        while True:
            kind, heard, _, body = link.message()
            if heard == number and name_of(kind) != "WATCH_EVENT":
                break
            self.say(f"  {who} {name_of(kind)} {text(body)}")
        if name_of(kind) == "ERROR":
            self.say(f"  {who} ERROR {text(body)}")
            return 0
        transaction = int(body.rstrip(b"\0"))
        self.transactions[transaction] = f"T{len(self.transactions)}"
        self.say(f"  {who} is {self.transactions[transaction]}")
        return transaction

    def end(self, transaction, commit=True, who="a"):
        return self.ask("TRANSACTION_END", b"T\0" if commit else b"F\0",
                        transaction, who)

    def settle(self, *who):
        """Writes down what has come without being asked for: an answer comes
        after all events that were due before its question."""
        for one in who or list(self.links):
            self.ask("GET_DOMAIN_PATH", b"0\0", who=one)

    def transcript(self):
        """All lines, but of equal events that come one after the other to one
        connection only the first: a daemon need not repeat one that it has not
        sent yet, so how many come is a matter of time."""
        lines, run = [], set()
        for line in self.lines:
            if " WATCH_EVENT " not in line:
                run = set()
            elif line in run:
                continue
            else:
                run.add(line)
            lines.append(line)
        return lines

    def close(self):
        for link in self.links.values():
            link.close()
