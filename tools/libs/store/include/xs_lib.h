/* SPDX-License-Identifier: MIT */
/* xs_lib.h - <xenstore_lib.h> under the name that old programs know. */
#include <xenstore_lib.h>
