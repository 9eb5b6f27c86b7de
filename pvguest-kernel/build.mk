# SPDX-License-Identifier: MIT
# build.mk - the guest kernel: one source, linked once for each platform.

PVK := pvguest-kernel
PVK_OUT := $(B)/pvguest-kernel
PVK_SHARED := $(wildcard $(PVK)/init/*.c $(PVK)/core/*.c $(PVK)/mm/*.c $(PVK)/lib/*.c \
                $(PVK)/fs/*.c $(PVK)/platform/*.c $(PVK)/platform/*.S)
PVK_XEN_PV := $(wildcard $(PVK)/platform/xen-pv/*.c $(PVK)/platform/xen-pv/*.S)

PVK_NATIVE := $(wildcard $(PVK)/platform/native/*.c $(PVK)/platform/native/*.S)

pvk-objs = $(patsubst $(PVK)/%,$(PVK_OUT)/obj/%.o,$(1))
PVK_XEN_PV_OBJS := $(call pvk-objs,$(PVK_SHARED) $(PVK_XEN_PV))
PVK_NATIVE_OBJS := $(call pvk-objs,$(PVK_SHARED) $(PVK_NATIVE))

PVK_CFLAGS := $(CFLAGS_FREESTANDING) $(CFLAGS_WARN) $(CFLAGS_DEP) $(CFLAGS_REPRO) \
              -I$(PVK) -Iinclude -mcmodel=kernel

$(PVK_OUT)/obj/%.c.o: $(PVK)/%.c config.mk $(PVK)/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(PVK_CFLAGS) -c $< -o $@

$(PVK_OUT)/obj/%.S.o: $(PVK)/%.S config.mk $(PVK)/build.mk
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) $(PVK_CFLAGS) -c $< -o $@

$(PVK_OUT)/pvguest: $(PVK_XEN_PV_OBJS) $(PVK)/platform/xen-pv/image.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack \
	        -T $(PVK)/platform/xen-pv/image.lds $(PVK_XEN_PV_OBJS) -o $@

# qemu -kernel loads only 32-bit ELF files by multiboot 1.
$(PVK_OUT)/pvguest-native.elf64: $(PVK_NATIVE_OBJS) $(PVK)/platform/native/image.lds
	$(call say,LD,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack \
	        -T $(PVK)/platform/native/image.lds $(PVK_NATIVE_OBJS) -o $@

$(PVK_OUT)/pvguest-native: $(PVK_OUT)/pvguest-native.elf64 scripts/elf32
	$(call say,ELF32,$@)
	$(Q)scripts/elf32 $< $@

all: $(PVK_OUT)/pvguest $(PVK_OUT)/pvguest-native

-include tests/kernel/build.mk

-include $(PVK_XEN_PV_OBJS:.o=.d) $(PVK_NATIVE_OBJS:.o=.d)
