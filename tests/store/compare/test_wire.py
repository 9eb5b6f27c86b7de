# SPDX-License-Identifier: MIT
"""test_wire.py - our xenstored against Debian's, byte for byte.

Rule: asked the same, in the same order, both say the same in the same order.
DIFFERENT names the lines that differ on purpose; docs/store.md says why.
"""

import difflib

import pytest

from conversations import ALL
from daemons import Daemon
from transcript import Session

# conversation: (Debian's line, our line)
DIFFERENT = {}


def hold(kind, conversation):
    with Daemon(kind) as daemon:
        session = Session(daemon)
        try:
            conversation(session)
        finally:
            session.close()
        assert daemon.alive()
        return session.lines


def excused(name, debian, ours):
    """Debian's lines with those exchanged that differ on purpose."""
    pairs = DIFFERENT.get(name, ())
    return [our if (line, our) in pairs else line
            for line, our in zip(debian, ours)] + debian[len(ours):]


@pytest.mark.parametrize("conversation", ALL, ids=lambda c: c.__name__)
def test_both_daemons_say_the_same(conversation):
    debian = hold("debian", conversation)
    ours = hold("ours", conversation)
    expected = excused(conversation.__name__, debian, ours)
    difference = list(difflib.unified_diff(expected, ours, "Debian's", "ours",
                                           lineterm="", n=3))
    assert not difference, "\n" + "\n".join(difference[:60])


def test_every_excuse_is_needed():
    assert set(DIFFERENT) <= {c.__name__ for c in ALL}
