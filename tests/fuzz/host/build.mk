# SPDX-License-Identifier: MIT
#
# tests/fuzz/host/build.mk - libFuzzer targets, on the host.
#
# tests/fuzz/host/fuzz_NAME.c is one program with the files its `link:` lines
# name, unchanged, under the address and undefined-behaviour sanitizers.
#
#   make check-fuzz-host            a fixed number of runs from made seeds
#   make fuzz-host FUZZ_SECONDS=N   each target that long (600 unless said
#                                   otherwise), from where the last such run
#                                   ended

FUZZ_HOST     := $(patsubst tests/fuzz/host/%.c,%,$(sort $(wildcard tests/fuzz/host/fuzz_*.c)))
FUZZ_HOST_OUT := $(B)/fuzz/host

# Alignment is not asked for: on x86 any will do, and parsers make use of it.
FUZZ_SANITIZE := address,undefined -fno-sanitize=alignment \
                 -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_CFLAGS   := -std=gnu11 -O2 -g -fno-strict-aliasing -fno-common \
                 $(CFLAGS_WARN) $(CFLAGS_DEP) -Itests/fuzz/host \
                 -fsanitize=fuzzer-no-link,$(FUZZ_SANITIZE)

# Each part of the tree with the headers it is built with. The C library has a
# log() too, and libFuzzer calls it.
FUZZ_HV     := -fno-builtin -Itests/unit/fake -Ihypervisor \
               -Iinclude -DCONFIG_DEBUG=1 -Dlog=hv_log -DVERSION='"$(VERSION)"'
FUZZ_TOOLS  := -D_GNU_SOURCE $(TOOLS_INCLUDES) -Itools
FUZZ_KERNEL := -fno-builtin -Itests/unit/fake-kernel -Ipvguest-kernel -Iinclude

fuzz-flags  = $(if $(filter tools/%,$(1)),$(FUZZ_TOOLS),$(if $(filter \
                pvguest-kernel/% tests/unit/fake-kernel/%,$(1)),$(FUZZ_KERNEL),$(FUZZ_HV)))
# A target is built as what it links first.
fuzz-linked = $(wildcard $(shell sed -n 's|^/\* link: \(.*\) \*/$$|\1|p' tests/fuzz/host/$(1).c))
fuzz-fakes  = $(if $(filter hypervisor/%,$(2)),$(wildcard tests/unit/fake/*.c))

define fuzz-program
$(1)-sources := tests/fuzz/host/$(1).c $(2) $(call fuzz-fakes,$(1),$(2))
$(FUZZ_HOST_OUT)/obj/tests/fuzz/host/$(1).o: FUZZ_OWN := $(call fuzz-flags,$(firstword $(2)))
$(FUZZ_HOST_OUT)/$(1): $$(patsubst %.c,$(FUZZ_HOST_OUT)/obj/%.o,$$($(1)-sources))
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) -fsanitize=fuzzer,$(FUZZ_SANITIZE) -o $$@ $$^ $(TOOLS_LIBS)
endef
$(foreach target,$(FUZZ_HOST),$(eval $(call fuzz-program,$(target),$(call fuzz-linked,$(target)))))

$(FUZZ_HOST_OUT)/obj/%.o: %.c config.mk tests/fuzz/host/build.mk
	$(call say,HOSTCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) $(FUZZ_CFLAGS) $(if $(FUZZ_OWN),$(FUZZ_OWN),$(call fuzz-flags,$*.c)) -c -o $@ $<

fuzz-host-programs: $(addprefix $(FUZZ_HOST_OUT)/,$(FUZZ_HOST))

# A target that does not build is a failure of its own, not the end of the rest,
# and the program of an earlier tree is not taken for it.
check-fuzz-host:
	$(Q)rm -f $(addprefix $(FUZZ_HOST_OUT)/,$(FUZZ_HOST))
	-$(Q)$(MAKE) --no-print-directory -k fuzz-host-programs
	$(Q)tests/fuzz/host/run --build $(B) --count $(B)/check/fuzz-host.count $(FUZZ_HOST)

fuzz-host: fuzz-host-programs
	$(Q)tests/fuzz/host/run --build $(B) --seconds $(or $(FUZZ_SECONDS),600) $(FUZZ_HOST)

.PHONY: fuzz-host-programs check-fuzz-host fuzz-host
-include $(shell find $(FUZZ_HOST_OUT) -name '*.d' 2>/dev/null)
