# SPDX-License-Identifier: MIT
#
# tests/bench/build.mk - the benchmark: one guest, linked with the conformance
# suites' library.
#
#   make bench          count everything, here and on upstream Xen: docs/costs.md;
#                       linux/ makes Debian's kernel the subject
#   make check-bench    our counts beside tests/bench/budget
#   make check-stretch  no entry into the hypervisor takes long at a time:
#                       stretch/ makes every call at its largest, on a
#                       hypervisor that keeps how long each takes (DEBUG=1)

BENCH_OUT := $(B)/bench
BENCH_OBJ := $(patsubst tests/bench/%,$(BENCH_OUT)/%.o,\
             $(wildcard tests/bench/*.c tests/bench/*.S))

$(BENCH_OUT)/%.o: tests/bench/% config.mk tests/bench/build.mk
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CONF_CFLAGS) -c -o $@ $<

$(BENCH_OUT)/kernel: $(BENCH_OBJ) $(CONF_LIB) $(CONF)/lib/suite.lds
	$(call say,LINK,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(CONF_BASE) -T $(CONF)/lib/suite.lds \
		-o $@ $(filter %.o,$^)

STRETCH_OBJ := $(patsubst tests/bench/%,$(BENCH_OUT)/%.o,\
               $(wildcard tests/bench/stretch/*.c) tests/bench/pages.c)

$(BENCH_OUT)/stretch/kernel: $(STRETCH_OBJ) $(CONF_LIB) $(CONF)/lib/suite.lds
	$(call say,LINK,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(CONF_BASE) -T $(CONF)/lib/suite.lds \
		-o $@ $(filter %.o,$^)

SMP_OBJ := $(patsubst tests/bench/%,$(BENCH_OUT)/%.o,\
           $(wildcard tests/bench/smp/*.c) tests/bench/pages.c)

$(BENCH_OUT)/smp/kernel: $(SMP_OBJ) $(CONF_LIB) $(CONF)/lib/suite.lds
	$(call say,LINK,$@)
	$(Q)$(LD) -nostdlib -static -z max-page-size=4096 --build-id=none \
		--defsym=VIRT_BASE=$(CONF_BASE) -T $(CONF)/lib/suite.lds \
		-o $@ $(filter %.o,$^)

# What runs in Debian's kernel to be counted, and what counts.
$(BENCH_OUT)/linux/init: tests/bench/linux/work.c config.mk tests/bench/build.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(CFLAGS_WARN) $(CFLAGS_REPRO) -static -s -o $@ $<

$(BENCH_OUT)/linux/count.so: tests/bench/linux/count.c config.mk tests/bench/build.mk
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 -O2 $(CFLAGS_WARN) $(CFLAGS_REPRO) -fPIC -shared -o $@ $<

all: $(BENCH_OUT)/linux/init $(BENCH_OUT)/linux/count.so
all: $(BENCH_OUT)/kernel $(BENCH_OUT)/stretch/kernel $(BENCH_OUT)/smp/kernel

bench: all fuzz-debug
	$(Q)tests/bench/run --build $(B) --write

check-bench: all fuzz-debug
	$(Q)tests/bench/run --build $(B) --check

check-stretch: all fuzz-debug
	$(Q)tests/bench/stretch/run --build $(B) --debug $(B)/debug/hypervisor/paravane

.PHONY: bench check-bench check-stretch
-include $(wildcard $(BENCH_OUT)/*.d $(BENCH_OUT)/stretch/*.d \
           $(BENCH_OUT)/smp/*.d)
