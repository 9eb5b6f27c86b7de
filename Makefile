# SPDX-License-Identifier: MIT
#
# Makefile - the doors to the whole tree.
#
#   make            build everything
#   make run        set up, build, boot in QEMU, give the control domain's shell
#   make check      set up, build, run every test (check-lint, check-unit, ...)
#   make soak       an hour of storms, fuzzing and meddling on two CPUs, or
#                   PARAVANE_SOAK_SECONDS of it, then twenty minutes of Debian's
#                   kernel under stress, or twice PARAVANE_STRESS_SECONDS
#   make oracle     the conformance suites here and on upstream Xen, compared
#   make fuzz       the fuzzers for FUZZ_SECONDS, an hour unless said otherwise
#   make bench      instructions counted here and on upstream Xen: docs/costs.md
#   make size       what the hypervisor weighs, beside its limits
#   make debian-guest
#                   a whole small Debian to boot as a guest, in build/debian/
#   make tour       the guided reading order of the sources
#   make install    put hypervisor, tools, manual and a GRUB menu entry in
#                   place; DESTDIR, PREFIX (/usr/local); make uninstall undoes it
#   make clean      remove build/ (but not what it downloaded)
#
# What is built, and how, is in each room's build.mk; shared flags are in
# config.mk. V=1 shows the commands.

all:

include config.mk

# These goals install the compiler first; any other needs it there.
ifneq ($(filter-out run check setup debian-guest clean help tour,$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell command -v $(CC)),)
$(error $(CC) is missing: `make setup` installs what the build needs)
endif
endif

GROUPS := lint unit abi tools store fuzz-host models fuzz soak bench stretch oracle system linux

-include hypervisor/build.mk
-include pvguest-kernel/build.mk
-include tools/build.mk
-include examples/build.mk
-include scripts/build.mk
-include tests/build.mk

# The set-up installs packages, so it is never a prerequisite of a file: it
# runs first, by itself, and the rest is left to a second make.
setup:
	$(Q)scripts/setup

run:
	$(Q)scripts/setup
	$(Q)$(MAKE) --no-print-directory all
	$(Q)scripts/run

check:
	$(Q)scripts/setup
	$(Q)scripts/check --build $(B) $(GROUPS)

debian-guest:
	$(Q)scripts/setup
	$(Q)scripts/debian-guest

size: all
	$(Q)scripts/size --build $(B)

tour:
	$(Q)scripts/tour

clean:
	$(Q)for f in $(B)/* $(B)/.[!.]*; do \
		case $$f in $(B)/oracle|$(B)/debian) ;; *) rm -rf "$$f" ;; esac; \
	done

help:
	$(Q)sed -n 's/^# \{0,1\}//; 3,23p' Makefile

.PHONY: all setup run check debian-guest size tour clean help $(addprefix check-,$(GROUPS))
.DELETE_ON_ERROR:
.SUFFIXES:
