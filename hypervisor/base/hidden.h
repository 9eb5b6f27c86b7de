/* SPDX-License-Identifier: MIT */
/* hidden.h - included before every file by the build: no symbol is for
 * anybody else, so the compiler needs no table of addresses to reach one.
 */
#pragma GCC visibility push(hidden)
