#!/bin/sh
# SPDX-License-Identifier: MIT
#
# demo.sh - the demonstration, as it runs inside the control domain.
#
# Each step prints what it does, does it, and checks that it shows what it
# should; the first that does not ends the demonstration with status 1.
# scripts/demo boots a machine and runs this in it.

fail() {
        echo "demo: FAILED: $*"
        exit 1
}

# step WHAT COMMAND...: shows the command and its output; keeps it in $out.
step() {
        printf '\n== %s\n$ %s\n' "$1" "$2"
        out=$(sh -c "$2" 2>&1)
        status=$?
        [ -z "$out" ] || printf '%s\n' "$out"
        [ $status -eq 0 ] || fail "'$2' ended with status $status"
}

# shows TEXT: the last output holds it.
shows() {
        printf '%s\n' "$out" | grep -q -e "$1" ||
                fail "the output above does not show '$1'"
}

hides() {
        printf '%s\n' "$out" | grep -q -e "$1" &&
                fail "the output above still shows '$1'"
        return 0
}

# until_shows COMMAND TEXT: waits, at most a minute, and fails after that.
until_shows() {
        tries=0
        until sh -c "$1" 2>&1 | grep -q -e "$2"; do
                tries=$((tries + 1))
                [ $tries -lt 120 ] || fail "'$1' never showed '$2'"
                sleep 0.5
        done
}

until_gone() {
        tries=0
        while vane domid "$1" >/dev/null 2>&1; do
                tries=$((tries + 1))
                [ $tries -lt 120 ] || fail "$1 never ended by itself"
                sleep 0.5
        done
}

step "A guest from its domain file" "vane create /guests/small.cfg"
step "Another one, paused until we say so" "vane create -p /guests/hello.cfg"
step "All domains" "vane list"
shows '^Domain-0 '
shows '^small '
shows '^hello .* ..p'

step "Their vCPUs, and the CPUs they are on" "vane vcpu-list"
shows '^small .* all / all'

until_shows "vane console --show small" "built-in shell"
step "What the first guest printed" "vane console --show small"
shows 'built-in shell'

step "Pause it ..." "vane pause small"
step "... its state has a p" "vane list small"
shows '^small .* ..p'
step "... and let it run again" "vane unpause small"
step "... no p any more" "vane list small"
hides '^small .* ..p'
step "Destroy it" "vane destroy small"

step "Let the second one run" "vane unpause hello"
until_gone hello
step "What it printed, kept from its first byte" \
        "cat /var/log/vane/guest-hello.log"
shows '^Hello '
shows '^Goodbye'
step "It ended by itself" "vane list"
hides '^small '
hides '^hello '

step "The hypervisor recounts every reference" "vane audit"
shows 'errors 0'
printf '\ndemo: everything showed what it should\n'
