/* SPDX-License-Identifier: MIT */
/* step.h - the steps in which a domain is made and ended.
 *
 * Every step that changes something outside of this process is followed by
 * step(). A test ends the process between any two of them, and the bench
 * counts what each one costs. Both are asked for in the environment:
 *
 *   VANE_DIE_AT=N   SIGKILL at the N-th step, counted from 1
 *   VANE_STEPS=1    at exit, a line for each step on stderr: "step N TSC NAME"
 */
#ifndef TOOLS_BASE_STEP_H
#define TOOLS_BASE_STEP_H

/* Says what has just been done. The name is "PHASE: WHAT", with a phase of
 * parse, build, load, store, start or destroy; it must stay where it is. */
void step(const char *name);

/* Each step is told to `watch` as well. */
void step_watch(void (*watch)(const char *name));

#endif
