# SPDX-License-Identifier: MIT
#
# tests/tools/build.mk - the tools, on the host: libraries with cmocka, the
# programs' command lines with pytest. No hypervisor and no root needed.
#
# Everything under test is compiled again with the address and undefined
# behaviour sanitizers. The hypervisor is tests/tools/fake_ctl.c: it defines
# what libs/ctl declares.

TOOLS_TESTS := $(patsubst tests/tools/%.c,%,$(sort $(wildcard tests/tools/test_*.c)))
TOOLS_TEST_OUT := $(B)/tests/tools
TOOLS_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer

# All libraries but ctl, all of consoled, and of vane what has no terminal.
tools-tested := $(filter-out tools/libs/ctl/% tools/libs/store/%,\
                  $(tools-libs-src)) \
                $(filter-out %/main.c,$(tools-consoled-src)) \
                $(filter-out %/main.c,$(tools-monitord-src)) \
                tools/vane/json.c tools/vane/kept_log.c tools/vane/numbers.c \
                tools/vane/strace_filter.c
tools-tested-obj := $(patsubst %.c,$(TOOLS_TEST_OUT)/%.o,$(tools-tested) \
                      $(wildcard tests/tools/fake_*.c))

$(TOOLS_TEST_OUT)/%.o: %.c config.mk tests/tools/build.mk
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLS_CFLAGS) -O1 $(TOOLS_SANITIZE) $(TOOLS_INCLUDES) \
		-Itools -Itools/consoled -Itools/monitord -Itools/vane -Itests/tools -c $< -o $@

# An archive: a test takes only what it calls.
$(TOOLS_TEST_OUT)/libtested.a: $(tools-tested-obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

define tools-test-program
$(TOOLS_TEST_OUT)/$(1): $(TOOLS_TEST_OUT)/tests/tools/$(1).o \
                        $(TOOLS_TEST_OUT)/libtested.a
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) $(TOOLS_SANITIZE) -o $$@ $$^ -lcmocka $(TOOLS_LIBS)
endef
$(foreach test,$(TOOLS_TESTS),$(eval $(call tools-test-program,$(test))))

tools-programs: $(addprefix $(TOOLS_TEST_OUT)/,$(TOOLS_TESTS)) \
                $(B)/tools/vane $(B)/tools/consoled $(B)/tools/vane-monitord \
                $(tools-docs) $(B)/examples/hello-pv

# A test that does not build is a failure of its own, not the end of the rest.
check-tools:
	-$(Q)$(MAKE) --no-print-directory -k tools-programs
	$(Q)tests/unit/run --count $(B)/check/tools.count --build $(B) \
		--pytest tests/tools \
		$(addprefix $(TOOLS_TEST_OUT)/,$(TOOLS_TESTS))

.PHONY: tools-programs
.SECONDARY: $(tools-tested-obj)

-include $(patsubst %.o,%.d,$(tools-tested-obj)) \
         $(patsubst %,$(TOOLS_TEST_OUT)/tests/tools/%.d,$(TOOLS_TESTS))
