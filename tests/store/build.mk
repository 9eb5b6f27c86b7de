# SPDX-License-Identifier: MIT
#
# tests/store/build.mk - the store: daemon and library, on the host.
#
# Everything under test is compiled again with the address and undefined
# behaviour sanitizers. The hypervisor is tests/store/fake_hv.c, whose domains
# are files, so that a test can play a domain, and kill the daemon under it.
#
#   $(B)/tests/store/xenstored     our daemon with played domains
#   $(B)/tests/store/fake_xen.so   the same for Debian's daemon, preloaded

STORE_TESTS := $(patsubst tests/store/%.c,%,$(sort $(wildcard tests/store/test_*.c)))
STORE_TEST_OUT := $(B)/tests/store
STORE_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
                  -fno-omit-frame-pointer

store-daemon := $(filter-out %/hv.c %/main.c,$(tools-xenstored-src)) \
                $(wildcard tools/libs/base/*.c) tests/store/fake_hv.c
store-harness-obj := $(STORE_TEST_OUT)/tests/store/harness.o
store-library := $(sort $(wildcard tools/libs/store/*.c))
store-daemon-obj := $(patsubst %.c,$(STORE_TEST_OUT)/%.o,$(store-daemon))
store-library-obj := $(patsubst %.c,$(STORE_TEST_OUT)/%.o,$(store-library))
store-main-obj := $(STORE_TEST_OUT)/tools/xenstored/main.o

$(STORE_TEST_OUT)/%.o: %.c config.mk tests/store/build.mk
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLS_CFLAGS) -O1 $(STORE_SANITIZE) $(TOOLS_INCLUDES) \
		-Itools -Itools/xenstored -Itests/store -Itests/tools -c $< -o $@

$(STORE_TEST_OUT)/xenstored: $(store-main-obj) $(store-daemon-obj)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) $(STORE_SANITIZE) -o $@ $^

define store-test-program
$(STORE_TEST_OUT)/$(1): $(STORE_TEST_OUT)/tests/store/$(1).o $(store-harness-obj) $(store-daemon-obj) \
                        $(store-library-obj)
	$$(call say,LINK,$$@)
	$$(Q)$$(HOSTCC) $(STORE_SANITIZE) $$(STORE_WRAP) -o $$@ $$^ -lcmocka -lpthread
endef
$(foreach test,$(STORE_TESTS),$(eval $(call store-test-program,$(test))))

$(STORE_TEST_OUT)/test_no_memory: STORE_WRAP := -Wl,--wrap=malloc \
	-Wl,--wrap=calloc -Wl,--wrap=realloc
$(STORE_TEST_OUT)/test_date: STORE_WRAP := -Wl,--wrap=time,--wrap=clock_gettime

$(STORE_TEST_OUT)/fake_xen.so: tests/store/fake_xen.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -shared -fPIC -O1 -I$(B)/oracle/usr/include -o $@ $<

# The library again, under the thread sanitizer.
$(STORE_TEST_OUT)/threads: tests/store/threads.c $(store-library) \
                           $(wildcard tools/libs/store/*.h)
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(filter-out $(CFLAGS_DEP),$(TOOLS_CFLAGS)) -O1 \
		-fsanitize=thread $(TOOLS_INCLUDES) \
		-o $@ tests/store/threads.c $(store-library) -lpthread

store-programs: $(addprefix $(STORE_TEST_OUT)/,xenstored fake_xen.so threads \
                                             $(STORE_TESTS)) \
                $(B)/tools/xenstored

# A test that does not build is a failure of its own, not the end of the rest.
check-store:
	-$(Q)$(MAKE) --no-print-directory -k store-programs
	$(Q)tests/unit/run --count $(B)/check/store.count --build $(B) \
		--pytest tests/store \
		$(addprefix $(STORE_TEST_OUT)/,$(STORE_TESTS))

.PHONY: store-programs check-store
.SECONDARY: $(store-harness-obj) $(store-daemon-obj) $(store-library-obj) $(store-main-obj)

-include $(patsubst %.o,%.d,$(store-harness-obj) $(store-daemon-obj) $(store-library-obj) $(store-main-obj)) \
         $(patsubst %,$(STORE_TEST_OUT)/tests/store/%.d,$(STORE_TESTS))
