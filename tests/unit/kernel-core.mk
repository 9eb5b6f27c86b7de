# SPDX-License-Identifier: MIT
#
# tests/unit/kernel-core.mk - the guest kernel's mm and lib, on the host.
#
# test_kernel_ROOM_FILE.c is linked with pvguest-kernel/ROOM/FILE.c, unchanged,
# and with what its `link:` line names. The formatter gets other names, because
# the C library has one too.

UNIT_CORE     := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_kernel_mm_*.c \
                   tests/unit/test_kernel_lib_*.c)))
UNIT_CORE_OUT := $(B)/unit/kernel-core
UNIT_CORE_CFLAGS := -std=gnu11 -O1 -g -fno-strict-aliasing -fno-common -fno-builtin \
                    -Dvsnprintf=kernel_vsnprintf -Dsnprintf=kernel_snprintf \
                    $(CFLAGS_WARN) $(CFLAGS_DEP) \
                    -Itests/unit/fake-core -Ipvguest-kernel -Iinclude

unit-core-partner = $(subst _,/,$(patsubst test_kernel_%,%,$(1)))
unit-core-linked  = $(shell sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' tests/unit/$(1).c)
unit-core-objects = $(patsubst %.c,$(UNIT_CORE_OUT)/%.o,tests/unit/$(1).c \
                      pvguest-kernel/$(call unit-core-partner,$(1)).c \
                      $(call unit-core-linked,$(1)))

define unit-core-program
$(B)/unit/$(1): $(call unit-core-objects,$(1))
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) -o $$@ $$^ -lcmocka
endef
$(foreach test,$(UNIT_CORE),$(eval $(call unit-core-program,$(test))))

$(UNIT_CORE_OUT)/%.o: %.c config.mk tests/unit/kernel-core.mk
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_CORE_CFLAGS) -c -o $@ $<

UNIT_PROGS += $(addprefix $(B)/unit/,$(UNIT_CORE))
