# SPDX-License-Identifier: MIT
#
# scripts/install/build.mk - make install, make uninstall.
#
#   make install [DESTDIR=...] [PREFIX=/usr/local] [BOOTDIR=/boot]
#                [SYSCONFDIR=/etc]
#
# Nothing of Debian's own Xen packages is overwritten: programs go below PREFIX,
# the library into a folder of its own, services have names of their own.
# Without DESTDIR the boot menu is made anew where there is one.

PREFIX     ?= /usr/local
BOOTDIR    ?= /boot
SYSCONFDIR ?= /etc
DESTDIR    ?=

INSTALL_OUT := $(B)/install
INSTALL_IN  := 20_paravane default.paravane paravane-xenstored.service \
               paravane-monitord.service paravane-consoled.service
share       := $(PREFIX)/share
units       := $(PREFIX)/lib/systemd/system

# MODE:FILE:WHERE, all that is installed but for the settings, which are only
# put where there are none yet.
INSTALL_FILES := \
	644:$(B)/hypervisor/paravane:$(BOOTDIR)/paravane \
	644:$(B)/pvguest-kernel/pvguest:$(BOOTDIR)/paravane-control \
	644:$(B)/control.cpio.gz:$(BOOTDIR)/paravane-control.cpio.gz \
	755:$(B)/tools/vane:$(PREFIX)/sbin/vane \
	755:$(B)/tools/vane-monitord:$(PREFIX)/sbin/vane-monitord \
	755:$(B)/tools/consoled:$(PREFIX)/sbin/consoled \
	755:$(B)/tools/xenstored:$(PREFIX)/sbin/xenstored \
	644:$(B)/tools/libs/store/libxenstore.so.4:$(PREFIX)/lib/paravane/libxenstore.so.4 \
	644:$(B)/tools/libs/store/libxenstore.a:$(PREFIX)/lib/paravane/libxenstore.a \
	$(foreach h,$(wildcard tools/libs/store/include/*.h),\
		644:$(h):$(PREFIX)/include/paravane/$(notdir $(h))) \
	644:$(B)/tools/man/vane.1:$(share)/man/man1/vane.1 \
	644:$(B)/tools/man/vane.cfg.5:$(share)/man/man5/vane.cfg.5 \
	644:$(B)/tools/completion/vane:$(share)/bash-completion/completions/vane \
	$(foreach d,README.md $(wildcard docs/*.md examples/hello-pv/*),\
		644:$(d):$(share)/doc/paravane/$(d)) \
	$(foreach u,$(filter %.service,$(INSTALL_IN)),\
		644:$(INSTALL_OUT)/$(u):$(units)/$(u)) \
	755:$(INSTALL_OUT)/20_paravane:$(SYSCONFDIR)/grub.d/20_paravane
SETTINGS := $(SYSCONFDIR)/default/paravane

install-field = $(word $(2),$(subst :, ,$(1)))
install-sources := $(foreach f,$(INSTALL_FILES),$(call install-field,$(f),2))

# The places are written into these; FORCE because they may change.
$(INSTALL_OUT)/%: scripts/install/%.in FORCE
	@mkdir -p $(@D)
	$(Q)sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@BOOTDIR@|$(BOOTDIR)|g' \
		-e 's|@SYSCONFDIR@|$(SYSCONFDIR)|g' \
		-e 's|@VERSION@|$(VERSION)|g' $< > $@

install: $(install-sources) $(INSTALL_OUT)/default.paravane
	$(call say,INSTALL,$(or $(DESTDIR),/))
	$(Q)for f in $(INSTALL_FILES); do \
		mode=$${f%%:*}; f=$${f#*:}; \
		install -D -m $$mode "$${f%%:*}" "$(DESTDIR)$${f#*:}" || exit 1; \
	done
	$(Q)[ -e "$(DESTDIR)$(SETTINGS)" ] || install -D -m 644 \
		$(INSTALL_OUT)/default.paravane "$(DESTDIR)$(SETTINGS)"
	$(Q)[ -n "$(DESTDIR)" ] || [ ! -e /boot/grub/grub.cfg ] || update-grub

# The settings stay if they were changed.
uninstall: $(INSTALL_OUT)/default.paravane
	$(call say,REMOVE,$(or $(DESTDIR),/))
	$(Q)for f in $(INSTALL_FILES); do rm -f "$(DESTDIR)$${f##*:}"; done
	$(Q)cmp -s $(INSTALL_OUT)/default.paravane "$(DESTDIR)$(SETTINGS)" && \
		rm -f "$(DESTDIR)$(SETTINGS)" || :
	$(Q)rmdir "$(DESTDIR)$(PREFIX)/lib/paravane" \
		"$(DESTDIR)$(PREFIX)/include/paravane" \
		"$(DESTDIR)$(share)/doc/paravane/docs" \
		"$(DESTDIR)$(share)/doc/paravane/examples/hello-pv" \
		"$(DESTDIR)$(share)/doc/paravane/examples" \
		"$(DESTDIR)$(share)/doc/paravane" 2>/dev/null || :
	$(Q)[ -n "$(DESTDIR)" ] || [ ! -e /boot/grub/grub.cfg ] || update-grub

.PHONY: install uninstall FORCE
FORCE:
