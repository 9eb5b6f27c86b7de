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
-include tests/store/build.mk
-include tests/system/build.mk
-include tests/system/races/build.mk
-include tests/fuzz/host/build.mk
-include tests/cbmc/build.mk
-include tests/fuzz/guest/build.mk
-include tests/soak/build.mk
-include tests/linux/build.mk
