# SPDX-License-Identifier: MIT
#
# tests/abi/build.mk - our public headers against Debian's libxen-dev.

ABI_ORACLE := $(B)/oracle/usr/include

# Debian's headers are unpacked by the set-up, never installed.
$(ABI_ORACLE)/xen/xen.h:
	$(Q)scripts/setup

check-abi: $(ABI_ORACLE)/xen/xen.h
	$(Q)tests/abi/run --build $(B) --oracle $(ABI_ORACLE)
