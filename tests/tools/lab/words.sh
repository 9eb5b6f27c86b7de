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

f=$(vane info | sed -n 's/^free_frames *: //p')

t vane create -p /guests/hello.cfg memory=24
t vane list hello
t vane list --json hello
t vane domid hello
t vane domname 1
t vane domname 0
t vane create /guests/hello.cfg
t vane unpause hello
while vane list hello >/dev/null 2>&1; do sleep 1; done
t cat /var/log/vane/guest-hello.log
t vane console --show hello
t vane console hello
t vane console --show nobody
t cat /var/log/vane/vane-hello.log

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
t vane create /guests/hello.cfg on_crash=coredump-destroy
t vane create -p /guests/hello.cfg vif='[""]' vcpus=8
t vane list hello
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
