/* SPDX-License-Identifier: MIT */
/* xs.h - <xenstore.h> under the name that old programs know. */
#include <xenstore.h>
