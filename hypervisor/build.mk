# SPDX-License-Identifier: MIT
# hypervisor/build.mk - the hypervisor: an ELF64 with symbols, and the ELF32
# container of the same bytes that Multiboot loaders want.

HV_SRC := $(sort $(wildcard hypervisor/*/*.c) $(wildcard hypervisor/*/*.S))
HV_OBJ := $(patsubst %,$(B)/%.o,$(HV_SRC))
HV_CFLAGS := $(CFLAGS_FREESTANDING) $(CFLAGS_WARN) -fpie -fvisibility=hidden \
	-mcmodel=small -include hypervisor/base/hidden.h -Ihypervisor -Iinclude -I$(B)/hypervisor/gen \
	-DCONFIG_DEBUG=$(if $(filter 1,$(DEBUG)),1,0) -DVERSION='"$(VERSION)"'
HV_OFFSETS := $(B)/hypervisor/gen/offsets.h

.PHONY: hypervisor hypervisor-objects
all: $(B)/hypervisor/paravane
hypervisor: $(B)/hypervisor/paravane
hypervisor-objects: $(HV_OBJ)

# Structure offsets for assembly: the compiler writes them, nobody else.
$(HV_OFFSETS): hypervisor/entry/offsets.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(HV_CFLAGS) -MMD -MP -MT $@ -MF $@.d -S -o $@.s $<
	$(Q)sed -n 's/.*->\([A-Z0-9_]*\) \$$*\(-\{0,1\}[0-9]*\).*/#define \1 \2/p' $@.s > $@

$(B)/hypervisor/%.c.o: hypervisor/%.c
	@mkdir -p $(@D)
	$(if $(V),,@echo "  CC      $<")
	$(Q)$(CC) $(HV_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/hypervisor/%.S.o: hypervisor/%.S $(HV_OFFSETS)
	@mkdir -p $(@D)
	$(if $(V),,@echo "  AS      $<")
	$(Q)$(CC) $(filter-out -include hypervisor/base/hidden.h,$(HV_CFLAGS)) -D__ASSEMBLY__ -MMD -MP -c -o $@ $<

$(B)/hypervisor/paravane.sym: $(HV_OBJ) hypervisor/boot/link.lds
	$(if $(V),,@echo "  LD      $@")
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack --no-dynamic-linker \
		-T hypervisor/boot/link.lds -o $@ $(HV_OBJ)

$(B)/hypervisor/paravane: $(B)/hypervisor/paravane.sym scripts/elf32
	$(if $(V),,@echo "  ELF32   $@")
	$(Q)scripts/elf32 $< $@

-include $(HV_OBJ:.o=.d) $(HV_OFFSETS).d
