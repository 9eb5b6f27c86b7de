# SPDX-License-Identifier: MIT
#
# plain.sh - runs the guests it is given as plain domains, one after the other,
# each SUITE=CHANNELS with the highest event channel it may have, in Paravane's
# control domain, and has the hypervisor recount all references before the first
# and after each. tests/oracle/init does the same on upstream Xen, with xl and
# without the recount; both print the same marks.

# The frames of a domain that has ended are all back once it is listed no more: a
# daemon may have held some of them until then.
audit()
{
        timeout 60 sh -c 'until [ "$(vane list | wc -l)" = 2 ]; do sleep 0.1; done'
        echo "@audit $(vane audit)"
}

cd /guests
# The control domain keeps what its first foreign mappings take.
vane create -p hello.cfg && vane destroy hello
audit
for suite; do
        channels=${suite#*=}
        suite=${suite%%=*}
        log=/var/log/vane/guest-$suite.log
        echo "@suite $suite"
        # What Xen does unless told otherwise, on a machine like this one.
        [ "$suite" != clocks ] || echo 'tsc_mode = "always_emulate"' >>clocks.cfg
        vane create "$suite.cfg" ${channels:+max_event_channels=$channels}
        timeout 600 vane wait "$suite" 2>&1
        vane destroy "$suite" 2>/dev/null
        cat "$log"
        echo "@over $suite"
        audit
done
echo "@finished"
