# SPDX-License-Identifier: MIT
#
# tools/libs/store/build.mk - libxenstore, static and shared.
#
# The tools link the static archive; programs built for Xen's own library find
# in the shared one the same names with the same versions.

STORE_OUT := $(B)/tools/libs/store
STORE_SO := libxenstore.so.4

store-lib-src := $(sort $(wildcard tools/libs/store/*.c))
store-pic-obj := $(patsubst %.c,$(B)/obj/pic/%.o,$(store-lib-src))

$(B)/obj/pic/tools/libs/store/%.o: tools/libs/store/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(TOOLS_CFLAGS) $(TOOLS_INCLUDES) -fPIC -DSTORE_SHARED -c $< -o $@

$(STORE_OUT)/libxenstore.a: $(call tools-obj,$(store-lib-src))
	$(call say,AR,$@)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^

# -Bsymbolic: programs carry copies of some functions of the same names.
$(STORE_OUT)/$(STORE_SO): $(store-pic-obj) tools/libs/store/libxenstore.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -Wl,-soname,$(STORE_SO) -Wl,-Bsymbolic -Wl,-z,defs \
		-Wl,--version-script=tools/libs/store/libxenstore.map \
		-o $@ $(store-pic-obj)

all: $(STORE_OUT)/libxenstore.a $(STORE_OUT)/$(STORE_SO)

-include $(store-pic-obj:.o=.d)
