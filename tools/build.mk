# SPDX-License-Identifier: MIT
#
# tools/build.mk - the control domain's programs: vane and its
# daemons.
#
# Ordinary programs for Linux's user ABI, linked statically with the
# distribution's C library, so that they run on any control domain. They
# include only the public ABI headers (<xen/...>) and their own.

TOOLS_CFLAGS := -std=gnu11 -D_GNU_SOURCE -DVANE_VERSION='"$(VERSION)"' -O2 -g \
                $(CFLAGS_WARN) $(CFLAGS_DEP) $(CFLAGS_REPRO)
# What the domain builder unpacks kernels with.
TOOLS_LIBS := -llzma -lzstd -lz
TOOLS_INCLUDES := -Itools/libs -Itools/libs/store/include -Iinclude

tools-libs-src := $(sort $(wildcard tools/libs/*/*.c))
tools-vane-src := $(sort $(wildcard tools/vane/*.c))
tools-consoled-src := $(sort $(wildcard tools/consoled/*.c))
tools-xenstored-src := $(sort $(wildcard tools/xenstored/*.c))
tools-monitord-src := $(sort $(wildcard tools/monitord/*.c))

tools-obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

$(B)/obj/tools/libs/%.o: tools/libs/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -c $< -o $@

$(B)/obj/tools/vane/%.o: tools/vane/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -Itools/vane -c $< -o $@

$(B)/obj/tools/consoled/%.o: tools/consoled/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -Itools/consoled -c $< -o $@

$(B)/obj/tools/monitord/%.o: tools/monitord/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -Itools/monitord -c $< -o $@

$(B)/obj/tools/xenstored/%.o: tools/xenstored/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -Itools/xenstored -c $< -o $@

$(B)/obj/tools/libtools.a: $(call tools-obj,$(tools-libs-src))
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

-include tools/libs/store/build.mk

$(B)/tools/vane: $(call tools-obj,$(tools-vane-src)) $(B)/obj/tools/libtools.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static -o $@ $^ $(TOOLS_LIBS)

$(B)/tools/consoled: $(call tools-obj,$(tools-consoled-src)) $(B)/obj/tools/libtools.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static -o $@ $^

$(B)/tools/vane-monitord: $(call tools-obj,$(tools-monitord-src)) \
                          $(B)/obj/tools/libtools.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static -o $@ $^

# The manual and the completion come from the rows that vane obeys.
tools-docs := $(B)/tools/man/vane.1 $(B)/tools/man/vane.cfg.5 \
              $(B)/tools/completion/vane

$(B)/obj/tools/vane/docs/docs: tools/vane/docs/docs.c tools/vane/commands.def \
                               tools/libs/config/keys.def
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -Itools/vane $< -o $@

$(B)/tools/man/vane.1: what := man1
$(B)/tools/man/vane.cfg.5: what := man5
$(B)/tools/completion/vane: what := completion
$(tools-docs): $(B)/obj/tools/vane/docs/docs
	$(call say,MADE,$@)
	@mkdir -p $(@D)
	$(Q)$< $(what) > $@

$(B)/tools/xenstored: $(call tools-obj,$(tools-xenstored-src)) $(B)/obj/tools/libtools.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -static -o $@ $^

all: $(B)/tools/vane $(B)/tools/consoled $(B)/tools/xenstored $(B)/tools/vane-monitord \
     $(tools-docs)

-include $(patsubst %.o,%.d,$(call tools-obj,$(tools-libs-src) \
          $(tools-vane-src) $(tools-consoled-src) $(tools-xenstored-src) \
          $(tools-monitord-src)))
