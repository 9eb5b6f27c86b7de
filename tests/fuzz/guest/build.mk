# SPDX-License-Identifier: MIT
#
# tests/fuzz/guest/build.mk - the in-guest fuzzer, its neighbour, and how they
# are run: a while in `make check`, long by `make fuzz`.

FUZZ_GUEST_OUT   := $(B)/tests/fuzz-guest
FUZZ_GUEST_PARTS := $(patsubst %,$(FUZZ_GUEST_OUT)/%.o,entry fuzz rows blocks tables code)
FUZZ_GUESTS      := $(FUZZ_GUEST_OUT)/fuzz $(FUZZ_GUEST_OUT)/keeper
FUZZ_DEBUG       := $(B)/debug/hypervisor/paravane

$(FUZZ_GUEST_OUT)/%.o: tests/fuzz/guest/%.c config.mk tests/fuzz/guest/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(FUZZ_GUEST_OUT)/%.o: tests/fuzz/guest/%.S config.mk tests/fuzz/guest/build.mk
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(FUZZ_GUEST_OUT)/fuzz: $(FUZZ_GUEST_PARTS)
$(FUZZ_GUEST_OUT)/keeper: $(FUZZ_GUEST_OUT)/keeper.o
$(FUZZ_GUESTS): $(SYSTEM_KIT) tests/system/guests/guest.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		-T tests/system/guests/guest.lds -o $@ $(filter %.o,$^)

all: $(FUZZ_GUESTS)

# The hypervisor with assertions and lock ranks, beside the other.
fuzz-debug:
	$(Q)$(MAKE) --no-print-directory B=$(B)/debug DEBUG=1 hypervisor

check-fuzz: fuzz-debug
	$(Q)tests/fuzz/guest/run --count $(B)/check/fuzz.count --check \
		--debug $(FUZZ_DEBUG)

fuzz-guest: all fuzz-debug
	$(Q)tests/fuzz/guest/run --seconds $(or $(FUZZ_SECONDS),3600) --debug $(FUZZ_DEBUG)

# This, and then the fuzzers of single parts on the host.
fuzz: fuzz-guest
	$(Q)$(MAKE) --no-print-directory fuzz-host

.PHONY: fuzz fuzz-guest fuzz-debug check-fuzz

-include $(wildcard $(FUZZ_GUEST_OUT)/*.d)
