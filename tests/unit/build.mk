# SPDX-License-Identifier: MIT
#
# tests/unit/build.mk - mechanism files of the hypervisor, run on the host.
#
# tests/unit/test_ROOM_FILE.c is linked with hypervisor/ROOM/FILE.c, unchanged,
# and with tests/unit/fake/*.c, which stand for what lies below. Headers under
# tests/unit/fake shadow the hypervisor's of the same name. A test that needs
# more of the hypervisor says so in a line of its own:
#
#     /* link: hypervisor/base/string.c hypervisor/sync/spinlock.c */

UNIT_TESTS := $(patsubst tests/unit/%.c,%,$(filter-out tests/unit/test_kernel_%,\
              $(sort $(wildcard tests/unit/test_*.c))))
UNIT_OUT   := $(B)/unit
UNIT_FAKES := $(patsubst %.c,$(UNIT_OUT)/%.o,$(wildcard tests/unit/fake/*.c))
UNIT_PROGS := $(addprefix $(UNIT_OUT)/,$(UNIT_TESTS))

# The guest kernel's tests are built with its own flags; they join UNIT_PROGS.
include tests/unit/kernel.mk
include tests/unit/kernel-core.mk

# No -ffreestanding here: the tests live in an ordinary C library.
UNIT_CFLAGS := -std=gnu11 -O1 -g -fno-strict-aliasing -fno-common \
               -fno-builtin $(CFLAGS_WARN) $(CFLAGS_DEP) \
               -Itests/unit -Itests/unit/fake -Ihypervisor -Iinclude \
               -I$(B)/hypervisor/gen -DCONFIG_DEBUG=1 -DVERSION='"$(VERSION)"'

# test_mm_page_type -> hypervisor/mm/page_type.c; files without such a partner
# (a test of several) name all they need by `link:`.
unit-words   = $(subst _, ,$(patsubst test_%,%,$(1)))
unit-room    = $(firstword $(call unit-words,$(1)))
unit-partner = $(wildcard hypervisor/$(call unit-room,$(1))/$(patsubst \
               test_$(call unit-room,$(1))_%,%,$(1)).c)
unit-linked  = $(shell sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' tests/unit/$(1).c)
unit-objects = $(patsubst %.c,$(UNIT_OUT)/%.o,tests/unit/$(1).c \
               $(sort $(call unit-partner,$(1)) $(call unit-linked,$(1))))

define unit-program
$(UNIT_OUT)/$(1): $(call unit-objects,$(1)) $(UNIT_FAKES)
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) -o $$@ $$^ -lcmocka
endef
$(foreach test,$(UNIT_TESTS),$(eval $(call unit-program,$(test))))

$(UNIT_OUT)/%.o: %.c config.mk tests/unit/build.mk
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_CFLAGS) -c -o $@ $<

unit-programs: $(UNIT_PROGS)

# A test that does not build is a failure of its own, not the end of the rest.
check-unit:
	-$(Q)$(MAKE) --no-print-directory -k unit-programs
	$(Q)tests/unit/run --count $(B)/check/unit.count $(UNIT_PROGS)

.PHONY: unit-programs
-include $(shell find $(UNIT_OUT) -name '*.d' 2>/dev/null)
