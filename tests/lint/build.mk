# SPDX-License-Identifier: MIT
#
# tests/lint/build.mk - the lint group.

check-lint:
	$(Q)tests/lint/run --count $(B)/check/lint.count
