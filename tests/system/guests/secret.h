/* SPDX-License-Identifier: MIT */
/* secret.h - what the neighbour's words begin with, for attacks to look for. */
#ifndef TESTS_SYSTEM_SECRET_H
#define TESTS_SYSTEM_SECRET_H

#define SECRET	0x5ec4e7edul

#endif
