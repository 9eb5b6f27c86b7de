# SPDX-License-Identifier: MIT
#
# scripts/build.mk - the control domain's initramfs.
#
# scripts/setup says where a static busybox is: Debian's own place for it, or
# build/ when the machine has the other busybox package, which excludes it.

BUSYBOX := $(firstword $(wildcard $(B)/packages/bin/busybox) /bin/busybox)

CONTROL_PROGRAMS := $(B)/tools/vane $(B)/tools/consoled $(B)/tools/xenstored $(B)/tools/vane-monitord
CONTROL_USER     := $(shell find pvguest-kernel/user -type f 2>/dev/null)

# The example guests: one that ends by itself, and one with a shell.
CONTROL_KERNELS  := $(B)/examples/hello-pv $(B)/pvguest-kernel/pvguest
CONTROL_GUESTS   := --guest hello=$(B)/examples/hello-pv,memory=16 \
                    --guest small=$(B)/pvguest-kernel/pvguest,$\
                    ramdisk=$(B)/guest.cpio.gz,memory=32
MKCONTROL        := scripts/mkcontrol scripts/lib/cpio.py \
                    scripts/lib/guests.py scripts/motd scripts/build.mk

all: $(B)/control.cpio.gz

$(B)/control.cpio.gz: $(CONTROL_PROGRAMS) $(CONTROL_KERNELS) $(CONTROL_USER) \
                      $(B)/guest.cpio.gz $(MKCONTROL)
	$(call say,CPIO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/mkcontrol --busybox $(BUSYBOX) --user pvguest-kernel/user \
		$(addprefix --program ,$(CONTROL_PROGRAMS)) $(CONTROL_GUESTS) \
		--motd scripts/motd -o $@

# A guest of the same kernel needs no tools, only the shell.
$(B)/guest.cpio.gz: $(CONTROL_USER) $(MKCONTROL)
	$(call say,CPIO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/mkcontrol --busybox $(BUSYBOX) --user pvguest-kernel/user \
		-o $@

include scripts/install/build.mk
