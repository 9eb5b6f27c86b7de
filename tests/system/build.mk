# SPDX-License-Identifier: MIT
#
# tests/system/build.mk - the guests that system tests boot, and the group.

SYSTEM_OUT    := $(B)/tests/system
SYSTEM_KIT    := $(SYSTEM_OUT)/start.o $(SYSTEM_OUT)/guest.o
SYSTEM_NAMES  := $(filter-out guest,$(patsubst tests/system/guests/%.c,%,\
                 $(wildcard tests/system/guests/*.c)))
SYSTEM_GUESTS := $(addprefix $(SYSTEM_OUT)/,$(SYSTEM_NAMES))
SYSTEM_CFLAGS := $(CFLAGS_FREESTANDING) $(CFLAGS_WARN) $(CFLAGS_DEP) \
                 $(CFLAGS_REPRO) -mcmodel=kernel -Iinclude

$(SYSTEM_OUT)/%.o: tests/system/guests/%.c config.mk tests/system/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(SYSTEM_OUT)/%.o: tests/system/guests/%.S config.mk tests/system/build.mk
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SYSTEM_CFLAGS) -c -o $@ $<

$(SYSTEM_GUESTS): %: %.o $(SYSTEM_KIT) tests/system/guests/guest.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		-T tests/system/guests/guest.lds -o $@ $< $(SYSTEM_KIT)

# The attacks: one kernel, on the conformance suites' library.
ATTACK_KERNEL := $(SYSTEM_OUT)/attack
ATTACK_OBJS   := $(patsubst tests/system/attacks/%.c,$(SYSTEM_OUT)/attacks/%.o,\
                 $(wildcard tests/system/attacks/*.c))

$(SYSTEM_OUT)/attacks/%.o: tests/system/attacks/%.c config.mk tests/system/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CONF_CFLAGS) -c -o $@ $<

$(ATTACK_KERNEL): $(ATTACK_OBJS) $(CONF_LIB) $(CONF)/lib/suite.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(CONF_BASE) -T $(CONF)/lib/suite.lds \
		-o $@ $(ATTACK_OBJS) $(CONF_LIB)

# Programs that a test runs in the control domain.
SYSTEM_PROGRAMS := $(patsubst tests/system/programs/%.c,\
                   $(SYSTEM_OUT)/programs/%,\
                   $(wildcard tests/system/programs/*.c))

$(SYSTEM_PROGRAMS): $(SYSTEM_OUT)/programs/%: tests/system/programs/%.c \
                    $(B)/obj/tools/libtools.a tests/system/build.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -static -o $@ $< \
		$(B)/obj/tools/libtools.a

# One of the store's tests on the host, run in the control domain too.
SYSTEM_THREADS := $(SYSTEM_OUT)/programs/threads

$(SYSTEM_THREADS): tests/store/threads.c $(B)/obj/tools/libtools.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -static -o $@ $< \
		$(B)/obj/tools/libtools.a

all: $(SYSTEM_GUESTS) $(ATTACK_KERNEL) $(SYSTEM_PROGRAMS) $(SYSTEM_THREADS)

# One test file by name, or one test: make check-system ONLY="-k power_off";
# on other machines: make check-system SYSTEM_CPUS=8
SYSTEM_CPUS := 1,2,4
check-system:
	$(Q)tests/system/run --count $(B)/check/system.count \
		--cpus $(SYSTEM_CPUS) --lanes 2 $(ONLY)

-include $(wildcard $(SYSTEM_OUT)/*.d $(SYSTEM_OUT)/attacks/*.d \
          $(SYSTEM_OUT)/programs/*.d)
