# SPDX-License-Identifier: MIT
#
# tests/conformance/build.mk - each folder but lib/ is a suite, one kernel.
#
#   make suites         build them
#   make conformance    run them on Paravane, as first and as plain domain
#   make oracle         the same on upstream Xen too, verdicts compared
#   make oracle-doc     and write the outcome to docs/conformance.md

CONF        := tests/conformance
CONF_OUT    := $(B)/conformance
CONF_BASE   := 0xffffffff80000000
CONF_SUITES := $(filter-out lib,$(sort $(patsubst $(CONF)/%/,%,$(dir $(wildcard $(CONF)/*/*.c)))))
CONF_LIB    := $(patsubst $(CONF)/%,$(CONF_OUT)/%.o,\
               $(wildcard $(CONF)/lib/*.c $(CONF)/lib/*.S))
CONF_CFLAGS := $(CFLAGS_FREESTANDING) $(CFLAGS_WARN) $(CFLAGS_DEP) \
               $(CFLAGS_REPRO) -mcmodel=kernel -Iinclude -I$(CONF)/lib \
               -DVIRT_BASE=$(CONF_BASE)

$(CONF_OUT)/%.o: $(CONF)/% config.mk $(CONF)/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CONF_CFLAGS) -c -o $@ $<

define conformance-suite
$(CONF_OUT)/$(1)/kernel: $(patsubst $(CONF)/%,$(CONF_OUT)/%.o,\
		$(wildcard $(CONF)/$(1)/*.c $(CONF)/$(1)/*.S)) $(CONF_LIB) \
		$(CONF)/lib/suite.lds
	$$(call say,LINK,$$@)
	$$(Q)$$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(CONF_BASE) -T $(CONF)/lib/suite.lds \
		-o $$@ $$(filter %.o,$$^)
endef
$(foreach suite,$(CONF_SUITES),$(eval $(call conformance-suite,$(suite))))

CONF_KERNELS := $(CONF_SUITES:%=$(CONF_OUT)/%/kernel)
suites: $(CONF_KERNELS)

conformance: all $(CONF_KERNELS)
	$(Q)$(CONF)/run --build $(B) $(CONF_SUITES)

oracle: all $(CONF_KERNELS)
	$(Q)$(CONF)/run --build $(B) --oracle $(CONF_SUITES)

oracle-doc: all $(CONF_KERNELS)
	$(Q)$(CONF)/run --build $(B) --oracle \
		--write-doc docs/conformance.md $(CONF_SUITES)

# A suite that does not build is left for the runner to report.
check-oracle:
	-$(Q)$(MAKE) --no-print-directory -k all suites
	$(Q)$(CONF)/selftest.py
	$(Q)$(CONF)/run --build $(B) --oracle --count $(B)/check/oracle.count \
		--check-doc docs/conformance.md $(CONF_SUITES)

.PHONY: suites conformance oracle oracle-doc
-include $(shell find $(CONF_OUT) -name '*.d' 2>/dev/null)
