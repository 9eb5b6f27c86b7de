# SPDX-License-Identifier: MIT
#
# config.mk - what the whole build agrees on: version, compilers, flags.
#
# Included once, by the top Makefile, before every build.mk. A room adds its
# own flags in its build.mk; it never changes these.

VERSION := 0.1

# Everything generated lives here, and nowhere else. By one name only: what the
# compiler notes of a file's headers counts for the name it was given.
B := build
override B := $(patsubst $(CURDIR)/%,%,$(B))

# `make V=1` shows the commands; otherwise each recipe says one short line
# through $(call say,WHAT,TARGET).
ifeq ($(V),1)
Q   :=
say := @:
else
Q   := @
say  = @printf '  %-8s %s\n' '$(1)' '$(2)'
endif

# The freestanding parts are built by clang and lld; the `origin` tests let
# `make CC=...` and the environment override make's built-in default.
ifeq ($(origin CC),default)
CC := clang
endif
ifeq ($(origin LD),default)
LD := ld.lld
endif
HOSTCC  ?= $(CC)
OBJCOPY ?= objcopy
STRIP   ?= strip
NM      ?= nm
PYTHON  ?= /usr/bin/python3

CFLAGS_WARN := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes \
               -Wold-style-definition -Wundef -Wvla -Wshadow -Wpointer-arith \
               -Wimplicit-fallthrough -Wno-unused-parameter

# -mgeneral-regs-only keeps the guest's FPU and SSE registers untouched;
# -fno-jump-tables leaves no indirect branch for a guest's index to train.
CFLAGS_FREESTANDING := -std=gnu11 -ffreestanding -fno-stack-protector \
                       -mno-red-zone -mgeneral-regs-only -fno-jump-tables \
                       -fno-pic -fno-strict-aliasing -fno-common \
                       -fcf-protection=none -fno-asynchronous-unwind-tables \
                       -O2 -g

# Automatic header dependencies: every compile adds these, and every build.mk
# includes the resulting .d files.
CFLAGS_DEP := -MMD -MP

# The compiler must not write this machine's paths into what it builds. clang's
# own assembler does not heed the map, and gcc does not know the other option.
CFLAGS_REPRO := -ffile-prefix-map=$(CURDIR)=.
ifneq ($(findstring clang,$(CC)),)
CFLAGS_FREESTANDING += -fdebug-compilation-dir=.
endif
