/* SPDX-License-Identifier: MIT */
/* time.h - the door of the time room: what guests believe about time.
 *
 * System time is nanoseconds since boot, computed from the TSC by one scale
 * that is fixed at boot and published to every guest, so hypervisor and
 * guests agree to the nanosecond. No clock goes back; one whose counter fell
 * behind is corrected forward (clock.c). Timers: one queue a CPU and the local APIC's one-shot timer below it. Nobody is called when
 * a timer is due: the interrupt sets CPU_TIMER, and the exit path pulls the
 * due ones and acts.
 */
#ifndef PARAVANE_TIME_TIME_H
#define PARAVANE_TIME_TIME_H

#include "cpu/apic.h"
#include "domain/domain.h"

#define NS_PER_SECOND	1000000000UL
#define NS_PER_MS	1000000UL

/* Boot: clock calibration, timers, CMOS clock. */
void time_init(void);
/* System time, ns. */
uint64_t time_now(void);

/* --- timers --------------------------------------------------------------- */
/* Due at `deadline` (at once if past), on this CPU; a queued timer moves. */
void timer_set(struct timer *t, uint64_t deadline);
void timer_stop(struct timer *t);
/* The next timer that is due, no longer queued; NULL when none is, and the
 * hardware is armed for the one after. For the exit path, on CPU_TIMER. */
struct timer *time_take_due(void);

/* --- domains and vCPUs ----------------------------------------------------- */
void time_domain_init(struct domain *d);
void time_vcpu_init(struct vcpu *v);
/* No timer of a domain that will not run again stays queued. */
void time_domain_stop(struct domain *d);
/* The periodic timer ticks only while its vCPU runs. */
void time_switch_in(struct vcpu *v);
void time_switch_out(struct vcpu *v);
/* The periodic timer was due: the next tick is one period from now. */
void time_periodic_rearm(struct vcpu *v);
/* A new period for v, 0 = none: at once if it is current, else when it is on its
 * way out the next time (VCPU_PERIOD, time_restart_period). */
void time_set_period(struct vcpu *v, uint64_t ns);
void time_restart_period(struct vcpu *v);

/* --- what guests read ------------------------------------------------------ */
/* The clock, as d's vcpu_time_info carries it; `version` is 0. */
void time_describe(const struct domain *d, struct vcpu_time_info *out);
/* Into v's vcpu_info, unless it is there already and fresh. */
void time_publish(struct vcpu *v);
/* CMOS time plus what settime changed, into d's shared info. */
void wallclock_publish(struct domain *d);
/* It was `sec`.`nsec` (UTC) at system time `at`: tell every domain. */
void wallclock_set(uint64_t sec, uint32_t nsec, uint64_t at);
/* settimeoffset: d's own clock is that far from ours. */
void wallclock_set_offset(struct domain *d, int64_t seconds);
/* TSC ticks in a second. */
uint64_t time_tsc_hz(void);

/* --- the counter that a domain is given (guest_tsc.c) ------------------------ */
/* settscinfo's modes: emulate when it helps, always, never. */
enum { TSC_MODE_DEFAULT, TSC_MODE_ALWAYS, TSC_MODE_NEVER, NR_TSC_MODES };
/* `khz` 0 is the machine's rate; `elapsed` ns ago the counter was 0. For traps'
 * sake each vCPU's CR4 has to follow. */
void guest_tsc_set(struct domain *d, unsigned mode, uint32_t khz, uint64_t elapsed);
/* What RDTSC tells d now. */
uint64_t guest_tsc_read(struct domain *d);

/* --- watching the CPUs ------------------------------------------------------ */
/* Boot: how long a CPU may stay inside before it is reported, 0 = as usual;
 * and whether an NMI looks after the CPU that calls. */
void watchdog_init(uint64_t seconds, bool nmi);
/* An NMI came; false if it was not the watchdog's. */
bool watchdog_nmi(const struct cpu_frame *f, bool from_guest);
/* Boot, on the first CPU: how far apart its counter and that of another CPU
 * are, which is in skew_answer() or will be; begun before that is started.
 * False if the other gives no answer. */
void skew_begin(void);
MUST_CHECK bool skew_measure(struct cpu *other);
void skew_answer(void);

/* --- between the files of this room ----------------------------------------- */
void clock_init(uint64_t tsc_hz, uint64_t tsc_at_zero);
struct time_scale scale_of(uint64_t hz);
/* A stamp for who is given an emulated counter, of about that moment. */
void guest_tsc_describe(const struct guest_tsc *t, uint64_t ns, struct vcpu_time_info *out);
/* Do the CPUs' counters agree, for all that was seen? */
bool clock_counters_agree(void);
void clock_calibrate(uint64_t *tsc_hz, uint64_t *apic_hz);
void wallclock_init(void);
void timer_init(void);
void watchdog_tick(void);		/* on each CPU, once a second */
void clock_check(void);			/* likewise: does its counter keep up? */
/* c's counter and the first CPU's differ for sure. */
void clock_correct(struct cpu *c, int64_t ticks);
uint64_t clock_ns(uint64_t ticks);	/* a number of ticks in ns */
void timer_start_clock(void);		/* stamps are renewed from now on */

#endif
