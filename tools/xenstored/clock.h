/* SPDX-License-Identifier: MIT */
/* clock.h - what is waited by: never the date, which the control domain may set. */
#ifndef XENSTORED_CLOCK_H
#define XENSTORED_CLOCK_H

#include <time.h>

/* Seconds since some moment before the daemon began. */
static inline time_t clock_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

#endif
