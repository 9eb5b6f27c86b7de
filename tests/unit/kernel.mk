# SPDX-License-Identifier: MIT
#
# tests/unit/kernel.mk - the guest kernel's files, run on the host.
#
# tests/unit/test_kernel_fs_*.c is linked with all of pvguest-kernel/fs, unchanged,
# and with tests/unit/fake-kernel, which stands for its core and memory. zlib
# is the other opinion about compressed data.

UNIT_KERNEL     := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_kernel_fs_*.c)))
UNIT_KERNEL_OUT := $(B)/unit/kernel
UNIT_KERNEL_SRC := $(wildcard pvguest-kernel/fs/*.c) $(wildcard tests/unit/fake-kernel/*.c)
UNIT_KERNEL_OBJ := $(patsubst %.c,$(UNIT_KERNEL_OUT)/%.o,$(UNIT_KERNEL_SRC))

comma := ,

# The address sanitizer sees what a dropped reference leaves behind. Where its
# run-time library is not installed, the tests run without it.
UNIT_KERNEL_SAN := $(if $(wildcard $(shell $(HOSTCC) -print-file-name=libclang_rt.asan-x86_64.a 2>/dev/null)),\
                     -fsanitize=address$(comma)undefined -fno-sanitize-recover=all)

UNIT_KERNEL_CFLAGS := -std=gnu11 -O1 -g -fno-strict-aliasing -fno-common -fno-builtin \
                      $(UNIT_KERNEL_SAN) \
                      $(CFLAGS_WARN) $(CFLAGS_DEP) \
                      -Itests/unit/fake-kernel -Ipvguest-kernel -Iinclude

$(UNIT_KERNEL_OUT)/%.o: %.c config.mk tests/unit/kernel.mk
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_KERNEL_CFLAGS) -c -o $@ $<

UNIT_KERNEL_PROGS := $(addprefix $(B)/unit/,$(UNIT_KERNEL))

$(UNIT_KERNEL_PROGS): $(B)/unit/%: $(UNIT_KERNEL_OUT)/tests/unit/%.o $(UNIT_KERNEL_OBJ)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(UNIT_KERNEL_SAN) -o $@ $^ -lcmocka -lz

UNIT_PROGS += $(UNIT_KERNEL_PROGS)
