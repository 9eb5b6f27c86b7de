/* SPDX-License-Identifier: MIT */
/* string.h - the functions themselves: on the host a test may rename them.
 */
#ifndef PARAVANE_FAKE_STRING_H
#define PARAVANE_FAKE_STRING_H

#include_next "base/string.h"
#undef memcpy
#undef memset
#undef memcmp

#endif
