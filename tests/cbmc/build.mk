# SPDX-License-Identifier: MIT
#
# tests/cbmc/build.mk - proofs about the page-type core, by CBMC.
#
# docs/model-checking.md says what is proven, and within which bounds.

check-models:
	$(Q)tests/cbmc/run --build $(B) --count $(B)/check/models.count

.PHONY: check-models
