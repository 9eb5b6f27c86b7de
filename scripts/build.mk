# SPDX-License-Identifier: MIT
#
# scripts/build.mk - the control domain's initramfs.
#
# scripts/setup says where a static busybox is: Debian's own place for it, or
# build/ when the machine has the other busybox package, which excludes it.

BUSYBOX := $(firstword $(wildcard $(B)/packages/bin/busybox) /bin/busybox)

CONTROL_PROGRAMS := $(B)/tools/vane $(B)/tools/consoled
CONTROL_USER     := $(shell find pvguest-kernel/user -type f 2>/dev/null)

# The example guests: one that ends by itself, and a small kernel that stays.
CONTROL_KERNELS  := $(B)/examples/hello-pv $(B)/pvguest-kernel/pvguest
CONTROL_GUESTS   := --guest hello=$(B)/examples/hello-pv,memory=16 \
                    --guest small=$(B)/pvguest-kernel/pvguest,memory=32

all: $(B)/control.cpio.gz

$(B)/control.cpio.gz: $(CONTROL_PROGRAMS) $(CONTROL_KERNELS) $(CONTROL_USER) \
                      scripts/mkcontrol scripts/lib/cpio.py \
                      scripts/lib/guests.py scripts/build.mk
	$(call say,CPIO,$@)
	$(Q)mkdir -p $(@D)
	$(Q)scripts/mkcontrol --busybox $(BUSYBOX) --user pvguest-kernel/user \
		$(addprefix --program ,$(CONTROL_PROGRAMS)) $(CONTROL_GUESTS) \
		-o $@
