/* SPDX-License-Identifier: MIT */
/* xen-compat.h - which edition of the interface these headers describe.
 *
 * The names and layouts are those of Xen 4.17 (0x00040e00), for 64-bit x86 PV
 * guests.  A guest may state the edition it was written for by defining
 * __XEN_INTERFACE_VERSION__ first; without that it gets the latest one.
 * Editions before 3.2.5 gave other numbers to the same names, so they are
 * refused instead of being silently misread.
 */
#ifndef __XEN_PUBLIC_XEN_COMPAT_H__
#define __XEN_PUBLIC_XEN_COMPAT_H__

#define __XEN_LATEST_INTERFACE_VERSION__ 0x00040e00

#ifndef __XEN_INTERFACE_VERSION__
#define __XEN_INTERFACE_VERSION__ __XEN_LATEST_INTERFACE_VERSION__
#endif

#if __XEN_INTERFACE_VERSION__ > __XEN_LATEST_INTERFACE_VERSION__
#error "this interface version is newer than these headers"
#endif
#if __XEN_INTERFACE_VERSION__ < 0x00030205
#error "interface versions before 3.2.5 are not offered by these headers"
#endif

/* The bound of a trailing array: nothing where the language has flexible
 * array members, zero where only the compiler does. */
#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L
#define XEN_FLEX_ARRAY_DIM
#else
#define XEN_FLEX_ARRAY_DIM 0
#endif
#define COMPAT_FLEX_ARRAY_DIM XEN_FLEX_ARRAY_DIM

#endif
