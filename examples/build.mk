# SPDX-License-Identifier: MIT
#
# examples/build.mk - small guests that a newcomer may copy.
#
# They use the public headers and nothing else of this tree. HELLO_XEN=FOLDER
# takes the headers (FOLDER/xen/xen.h, ...) from elsewhere: tests/abi builds
# the same sources against Debian's.

HELLO_XEN  ?= include
HELLO_OUT  ?= $(B)/examples
HELLO_BASE := 0xffffffff80000000
HELLO_OBJS := $(HELLO_OUT)/hello-pv.d/start.o $(HELLO_OUT)/hello-pv.d/hello.o
HELLO_FLAGS := $(CFLAGS_FREESTANDING) $(CFLAGS_WARN) $(CFLAGS_DEP) \
               $(CFLAGS_REPRO) -mcmodel=kernel -I$(HELLO_XEN) \
               -DVIRT_BASE=$(HELLO_BASE)

all: $(HELLO_OUT)/hello-pv

$(HELLO_OUT)/hello-pv: $(HELLO_OBJS) examples/hello-pv/hello.lds
	$(call say,LINK,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(HELLO_BASE) \
		-T examples/hello-pv/hello.lds -o $@ $(HELLO_OBJS)

$(HELLO_OUT)/hello-pv.d/%.o: examples/hello-pv/%.c config.mk examples/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HELLO_FLAGS) -c -o $@ $<

$(HELLO_OUT)/hello-pv.d/%.o: examples/hello-pv/%.S config.mk examples/build.mk
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HELLO_FLAGS) -c -o $@ $<

-include $(HELLO_OBJS:.o=.d)
