# SPDX-License-Identifier: MIT
# build.mk - the guest kernel: one source, linked once for each platform.

PVK := pvguest-kernel
PVK_OUT := $(B)/pvguest-kernel
PVK_SHARED := $(wildcard $(PVK)/init/*.c $(PVK)/core/*.c $(PVK)/mm/*.c $(PVK)/lib/*.c \
                $(PVK)/fs/*.c $(PVK)/platform/*.c $(PVK)/platform/*.S)
PVK_XEN_PV := $(wildcard $(PVK)/platform/xen-pv/*.c $(PVK)/platform/xen-pv/*.S)

pvk-objs = $(patsubst $(PVK)/%,$(PVK_OUT)/obj/%.o,$(1))
PVK_XEN_PV_OBJS := $(call pvk-objs,$(PVK_SHARED) $(PVK_XEN_PV))

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

all: $(PVK_OUT)/pvguest

-include tests/kernel/build.mk

-include $(PVK_XEN_PV_OBJS:.o=.d)
