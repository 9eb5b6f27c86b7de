# SPDX-License-Identifier: MIT
"""test_bad_input.py - what a person can get wrong, and what is said to it.

Every refusal names its reason, ends with status 3, and leaves no domain and
no frame behind (the `host` fixture checks that after each test).
"""

import re

import pytest

import kernels
from conftest import domains

CONFIG = 'name = "bad"\ntype = "pv"\nkernel = "{kernel}"\nmemory = 16\n'


@pytest.fixture(scope="module")
def lab(request, tmp_path_factory):
    """A machine with all the bad kernels in /bad."""
    from conftest import Shared
    folder = tmp_path_factory.mktemp("bad")
    options = []
    for name, data in {**kernels.GOOD, **{k: v[0] for k, v in
                                          kernels.BAD.items()}}.items():
        (folder / name).write_bytes(data)
        options += ["--add", f"{folder / name}:/bad/{name}"]

    lab = Shared()
    lab.name, lab.options = "bad-input", options
    yield lab
    lab.drop()


@pytest.fixture
def host(request, lab):
    yield from lab.lend(request)


def create(host, text, *more):
    """vane create of a domain file with this text."""
    lines = "' '".join(line.replace("'", "'\\''")
                       for line in text.split("\n"))
    host.ok(f"printf '%s\\n' '{lines}' >/tmp/bad.cfg")
    return host.run(" ".join(["vane create /tmp/bad.cfg", *more, "2>&1"]))


@pytest.mark.parametrize("name", kernels.GOOD)
def test_the_kernel_they_all_start_from_is_good(host, name):
    result = create(host, CONFIG.format(kernel=f"/bad/{name}"))
    assert result.status == 0, result
    assert "bad" in domains(host)


@pytest.mark.parametrize("name", kernels.BAD)
def test_bad_kernels(host, name):
    result = create(host, CONFIG.format(kernel=f"/bad/{name}"))
    assert result.status == 3, result
    assert f"/bad/{name}" in result.out
    assert re.search(kernels.BAD[name][1], result.out), result.out
    assert domains(host) == {}


@pytest.mark.parametrize("text, place, words", [
    ('name = "x\nmemory = 1\n', "1:8", "quote"),
    ('name = "x"\nmemory 16\n', "2:8", "expected"),
    ('name = "x"\n\n  = 5\n', "3:3", "expected a key"),
    ('vcpus = [1, 2\nname = "x"\n', "", "expected"),
    ('name = "x"\nkernel = $y\n', "2:10", ""),
    ('name = "x" memory = 5\n', "1:12", "end of the line"),
    ('name = "x"\nkernel = "/bad/good"\nmemory = "lots"\n', "3:", "memory="),
    ('name = "x"\nkernel = "/bad/good"\nmemory = 16\nvcpus = 99\n', "4:",
     "vcpus="),
    ('name = "x"\nkernel = "/bad/good"\nmemory = 16\ntype = "hvm"\n', "4:",
     "hvm"),
    ('name = "x"\nkernel = "/bad/good"\nmemory = 16\non_crash = "weep"\n',
     "4:", "weep"),
], ids=["no-closing-quote", "no-equals", "no-key", "open-list", "odd-letter",
        "two-on-a-line", "wrong-kind", "out-of-range", "hvm", "no-such-word"])
def test_bad_configs_name_the_place(host, text, place, words):
    result = create(host, text)
    assert result.status != 0, result
    assert f"/tmp/bad.cfg:{place}" in result.out
    assert words in result.out
    assert domains(host) == {}


@pytest.mark.parametrize("missing", ["name", "kernel", "memory"])
def test_a_missing_key_is_named(host, missing):
    text = "\n".join(line for line in CONFIG.format(
        kernel="/bad/good").split("\n") if not line.startswith(missing))
    result = create(host, text)
    assert result.status != 0
    assert f"{missing}=" in result.out


def test_an_unknown_key_is_only_a_warning(host):
    result = create(host, CONFIG.format(kernel="/bad/good") + "colour = 3\n")
    assert result.status == 0, result
    assert "colour" in result.out and "unknown" in result.out


def test_files_that_are_not_there(host):
    result = host.run("vane create /tmp/nowhere.cfg 2>&1")
    assert result.status != 0 and "/tmp/nowhere.cfg" in result.out
    result = create(host, CONFIG.format(kernel="/tmp/nowhere"))
    assert result.status == 3 and "/tmp/nowhere" in result.out
    result = create(host, CONFIG.format(kernel="/bad/good") +
                    'ramdisk = "/tmp/nowhere"\n')
    assert result.status == 3 and "/tmp/nowhere" in result.out


def test_too_little_memory_on_the_machine_is_counted(host):
    result = create(host, CONFIG.format(kernel="/bad/good"), "memory=100000")
    assert result.status == 3, result
    assert re.search(r"\d+ KiB are missing", result.out), result.out


def test_memory_is_given_back_when_it_runs_out(host):
    """Guests until no more fit; then all of them end, and nothing is lost."""
    text = CONFIG.format(kernel="/bad/good")
    made = 0
    while made < 40:
        result = create(host, text, f"name='\"m{made}\"'", "memory=100")
        if result.status:
            break
        made += 1
    assert result.status == 3
    assert "not enough free memory" in result.out
    assert made >= 4


def test_a_command_line_that_is_too_long(host):
    long = "$(head -c %d /dev/zero | tr '\\0' y)"
    text = CONFIG.format(kernel="/bad/good")
    result = create(host, text, f'extra="{long % 1024}"')
    assert result.status == 3, result
    assert "has 1024 characters; at most 1023 fit" in result.out
    result = create(host, text, f'extra="{long % 1023}"')
    assert result.status == 0, result
