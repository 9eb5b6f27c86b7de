/* SPDX-License-Identifier: MIT */
/* progress.h - telling a person at a terminal what takes so long.
 *
 * One line on standard error, written over and over, and gone at the end;
 * nothing at all where standard error is no terminal.
 */
#ifndef VANE_PROGRESS_H
#define VANE_PROGRESS_H

/* From now on each step() is shown, "vane: VERB NAME: STEP", once it takes
 * long. */
void progress_start(const char *verb, const char *name);

/* Shows this at once, in place of a step. */
void progress_say(const char *text);
void progress_end(void);

#endif
