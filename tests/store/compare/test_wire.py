# SPDX-License-Identifier: MIT
"""test_wire.py - our xenstored against Debian's, byte for byte.

Rule: asked the same, in the same order, both say the same in the same order.
DIFFERENT names the lines that differ on purpose; docs/store.md says why.
"""

import difflib
import re

import pytest

from conversations import ALL
from daemons import Daemon
from transcript import Session

# A request as it is written down, and what each then answers.
DIFFERENT = (
    # A payload that is no whole string: Debian's error is whichever was last.
    (r" (READ|DIRECTORY|GET_PERMS) t=- (/a(\|[bcde])*\|?)?$",
     "ERROR t=- ENOENT|", "ERROR t=- EINVAL|"),
    (r" (MKDIR|RM) t=- (/a(\|[bcde])*\|?)?$",
     "ERROR t=- ENOMEM|", "ERROR t=- EINVAL|"),
    # Debian begins domain 0's connection anew; what is no number means 0 too.
    (r" INTRODUCE t=- (0|x)\|1\|1\|?$",
     "INTRODUCE t=- OK|", "ERROR t=- EINVAL|"),
    # Debian takes any other word for domain 0.
    (r" CONTROL t=- quota\|bad\|$", "CONTROL t=- Domain 0:",
     "ERROR t=- EINVAL|"),
)


def hold(kind, conversation):
    with Daemon(kind) as daemon:
        session = Session(daemon)
        try:
            conversation(session)
        finally:
            session.close()
        assert daemon.alive()
        return session.transcript()


def is_excused(request, debian, ours):
    return any(re.search(pattern, request) and theirs in debian and
               our in ours for pattern, theirs, our in DIFFERENT)


def excused(debian, ours):
    """Debian's lines with those exchanged that differ on purpose."""
    lines, request = [], ""
    for line, our in zip(debian, ours):
        if not line.startswith(" "):
            request = line
        lines.append(our if is_excused(request, line, our) else line)
    return lines + debian[len(ours):]


@pytest.mark.parametrize("conversation", ALL, ids=lambda c: c.__name__)
def test_both_daemons_say_the_same(conversation):
    debian = hold("debian", conversation)
    ours = hold("ours", conversation)
    expected = excused(debian, ours)
    difference = list(difflib.unified_diff(expected, ours, "Debian's", "ours",
                                           lineterm="", n=3))
    assert not difference, "\n" + "\n".join(difference[:60])

