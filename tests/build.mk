# SPDX-License-Identifier: MIT
#
# tests/build.mk - the test groups, each with its own build.mk.
#
# Every group is a target check-GROUP that leaves `PASSED FAILED` in
# $(B)/check/GROUP.count; scripts/check adds them up.

-include tests/lint/build.mk
-include tests/unit/build.mk
-include tests/abi/build.mk
-include tests/conformance/build.mk
-include tests/bench/build.mk
-include tests/tools/build.mk
-include tests/system/build.mk
-include tests/fuzz/host/build.mk

# The suites on Paravane alone; `make oracle` compares them with upstream Xen.
# A suite that does not build is left for the runner to report.
check-conformance:
	-$(Q)$(MAKE) --no-print-directory -k suites
	$(Q)mkdir -p $(B)/check
	$(Q)tests/conformance/run --build $(B) $(CONF_SUITES) | \
		tee $(B)/check/conformance.log
	$(Q)sed -n 's/^conformance: .* \([0-9]*\) good, \([0-9]*\) not$$/\1 \2/p' \
		$(B)/check/conformance.log >$(B)/check/conformance.count
	$(Q)grep -q ' 0$$' $(B)/check/conformance.count
