# SPDX-License-Identifier: MIT
#
# words.sh - what vane is asked, and must answer alike on every control domain
# and every hypervisor. Run by compare in the control domain; /guests has
# hello (examples/hello-pv).

t() {
        echo "\$ $*"
        "$@" 2>&1
        echo "-> $?"
}

# what the first domain with a store and a console costs once
vane create -p /guests/hello.cfg && vane destroy hello
f=$(vane info | sed -n 's/^free_frames *: //p')

t vane create -p /guests/hello.cfg memory=24
t vane list hello
t vane list -v hello
t vane config hello
t vane store ls -f /local/domain/2
t vane store ls -f /vane/2
t vane store ls -p /local/domain/2/control
t vane list --json hello
t vane domid hello
t vane domname 2
t vane domname 0
t vane create /guests/hello.cfg
t vane unpause hello
while vane list hello >/dev/null 2>&1; do sleep 1; done
t cat /var/log/vane/guest-hello.log
t vane console --show hello
t vane console hello
t vane console --show nobody
t sed 's/^[^ ]* //' /var/log/vane/monitord.log

t vane create /guests/hello.cfg extra=ticks=1 on_poweroff=preserve
t vane wait hello
t vane list hello
t vane console --show hello
t vane destroy hello

t vane create /guests/hello.cfg name=loop extra=loop
t vane pause loop
t vane list loop
t vane destroy loop
t vane list loop

t vane create -p /guests/hello.cfg vcpus=3 cpus=1 'cpus_soft=["0","1"]' \
        cpu_weight=512 cap=50
t vane vcpu-list
t vane vcpu-list --json hello
t vane sched -d hello
t vane sched -d hello -c 301
t vane sched -d hello -c 300 -w 1024
t vane sched-credit2 --domain=hello
t vane vcpu-pin hello 1 - 0
t vane vcpu-pin hello all all,^0 -
t vane vcpu-pin hello 2 0 all
t vane vcpu-pin hello 3 0
t vane vcpu-pin hello 0 2
t vane vcpu-pin hello 0 ^0
t vane vcpu-list hello
t vane destroy hello
t vane vcpu-pin 0 0 1
t vane vcpu-list 0
t vane vcpu-pin 0 all all

t vane create /guests/hello.cfg cpus=0-2
t vane create /guests/hello.cfg memory=1
t vane create /guests/hello.cfg memory=100000000
t vane create /guests/hello.cfg memory=some
t vane create /guests/hello.cfg vcpus=65
t vane create /guests/hello.cfg kernel=/bin/busybox
t vane create /guests/hello.cfg kernel=/nonexistent
t vane create /guests/hello.cfg kernel=/guests/hello.cfg
t vane create /guests/hello.cfg on_crash=coredump
t vane create -n /guests/hello.cfg

t vane create -p /guests/hello.cfg maxmem=24 maxvcpus=4
t vane mem-set hello 12
t vane store read /local/domain/$(vane domid hello)/memory/target
t vane mem-set hello 25
t vane mem-max hello 11m
t vane mem-max hello 20m
t vane vcpu-set hello 2
t vane vcpu-set hello 5
t vane store ls -f /local/domain/$(vane domid hello)/cpu
t vane rename hello other
t vane rename other Domain-0
t vane shutdown other
t vane sysrq other h
t vane destroy other
t vane store ls /vane
t vane store ls /vane/names
t vane create /guests/hello.cfg extra=ticks=1 on_poweroff=rename-restart name=again
until vane list | grep -q '^again-'; do sleep 1; done
until vane destroy again 2>/dev/null; do sleep 1; done
t sed -n 's/^[^ ]* //; s/again-[0-9TZ]*/again-then/; /kept as/ { p; q }' /var/log/vane/monitord.log
for id in $(vane list | sed -n 's/^again-[^ ]* *\([0-9]*\) .*/\1/p'); do
        vane destroy $id
done
t vane create -p /guests/hello.cfg vif='[""]' vcpus=8
vane list hello | sed 's/hello *[0-9]*/hello/'
t vane destroy hello
t vane destroy hello
t vane destroy 0
t vane pause 77
t vane unpause 77
t vane console 77
t vane list nobody

i=0
while [ $i -lt 10 ]; do
        vane create -p /guests/hello.cfg && vane destroy hello || break
        i=$((i + 1))
done
echo "$i rounds"
g=$(vane info | sed -n 's/^free_frames *: //p')
echo "frames lost: $((f - g))"
