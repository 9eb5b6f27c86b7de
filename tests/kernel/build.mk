# SPDX-License-Identifier: MIT
#
# tests/kernel/build.mk - programs that try the guest kernel from user mode.
#
# They are ordinary static Linux programs; tests/system/test_guest_kernel.py
# runs them in the control domain.

KERNEL_TESTS := $(patsubst tests/kernel/%.c,$(B)/tests/kernel/%,$(wildcard tests/kernel/*.c))

$(KERNEL_TESTS): $(B)/tests/kernel/%: tests/kernel/%.c tests/kernel/check.h tests/kernel/build.mk
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O1 -g -static -pthread $(CFLAGS_WARN) -Itests/kernel -Iinclude -o $@ $<

all: $(KERNEL_TESTS)
