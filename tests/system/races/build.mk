# SPDX-License-Identifier: MIT
#
# tests/system/races/build.mk - the storms: races between vCPUs, as one kernel.
#
# The tests that run them are tests/system/test_races.py and the soak.

STORM_OUT    := $(B)/tests/system/races
STORM_KERNEL := $(B)/tests/system/storms
STORM_OBJS   := $(patsubst tests/system/races/%,$(STORM_OUT)/%.o,$(basename \
                $(wildcard tests/system/races/*.c tests/system/races/*.S)))

$(STORM_OUT)/%.o: tests/system/races/%.c config.mk tests/system/races/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(STORM_OUT)/%.o: tests/system/races/%.S config.mk tests/system/races/build.mk
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(STORM_KERNEL): $(STORM_OBJS) $(SYSTEM_KIT) tests/system/guests/guest.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		-T tests/system/guests/guest.lds -o $@ $(STORM_OBJS) $(SYSTEM_KIT)

all: $(STORM_KERNEL)

-include $(wildcard $(STORM_OUT)/*.d)
