# SPDX-License-Identifier: MIT
#
# tests/soak/build.mk - the soak: a minute in `make check`, an hour by itself, and
# then ten minutes of Debian's kernel under its own stress, twice.

# The last quarter is on the hypervisor with assertions and lock ranks.
check-soak: fuzz-debug
	$(Q)tests/soak/run --count $(B)/check/soak.count --seconds 60 --seed 1 \
		--debug $(FUZZ_DEBUG)

soak:
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all fuzz-debug
	$(Q)tests/soak/run --seconds $(or $(PARAVANE_SOAK_SECONDS),3600) \
		--debug $(FUZZ_DEBUG)
	$(Q)PARAVANE_STRESS_SECONDS=$(or $(PARAVANE_STRESS_SECONDS),600) \
		tests/system/run --linux -k test_linux_cpus

.PHONY: check-soak soak
