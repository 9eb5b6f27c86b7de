# SPDX-License-Identifier: MIT
#
# tests/linux/build.mk - Debian's kernel as a guest: build/linux/vmlinuz as the
# package has it, vmlinux.gz that is quicker to unpack, a small initrd for both,
# and the group that boots them.
#
# A file programs/NAME.c becomes the static program /sbin/NAME of the initrd; so
# does the folder stress.

LINUX_OUT      := $(B)/linux
LINUX_KERNEL   := $(firstword $(wildcard $(B)/oracle/boot/vmlinuz-*-amd64))
LINUX_ROOT     := $(shell find tests/linux/root -type f)
LINUX_PROGRAMS := $(patsubst tests/linux/programs/%.c,$(LINUX_OUT)/programs/%,\
                  $(wildcard tests/linux/programs/*.c)) $(LINUX_OUT)/programs/stress
LINUX_CC       := $(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(CFLAGS_WARN) \
                  $(CFLAGS_REPRO) -static -pthread

$(LINUX_OUT)/programs/%: tests/linux/programs/%.c tests/linux/build.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINUX_CC) -o $@ $<

$(LINUX_OUT)/programs/stress: $(wildcard tests/linux/stress/*) tests/linux/build.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINUX_CC) -o $@ $(filter %.c,$^)

$(LINUX_OUT)/initrd.gz: $(LINUX_ROOT) $(LINUX_PROGRAMS) $(MKCONTROL) \
                        tests/linux/build.mk
	$(call say,CPIO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/mkcontrol --busybox $(BUSYBOX) --user tests/linux/root \
		$(addprefix --program ,$(LINUX_PROGRAMS)) -o $@

$(LINUX_OUT)/vmlinuz: $(LINUX_KERNEL)
	$(call say,COPY,$@)
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

$(LINUX_OUT)/vmlinux.gz: $(LINUX_OUT)/vmlinuz tests/linux/unpack \
                          scripts/lib/vmlinuz.py
	$(call say,UNPACK,$@)
	$(Q)tests/linux/unpack $< $@

# Without the unpacked package (scripts/setup) only the group is missing.
all: $(LINUX_OUT)/initrd.gz $(if $(LINUX_KERNEL),$(LINUX_OUT)/vmlinux.gz)

# Single tests: make check-linux ONLY="-k reboot". Where the Debian of
# test_debian.py cannot be made, that file fails alone.
check-linux:
	$(Q)scripts/debian-guest || :
	$(Q)tests/system/run --linux --lanes 2 \
		--count $(B)/check/linux.count $(ONLY)
