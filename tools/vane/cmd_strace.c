/* SPDX-License-Identifier: MIT */
/* cmd_strace.c - vane strace: a domain's hypercalls as it makes them.
 *
 * Guards: whatever ends it, the tracing ends as well: by our own word, or, if we
 * are killed, PARAVANE_TRACE_LEASE seconds later by the hypervisor's, who sees that
 * nobody reads; until then the domain may stand still.
 * Not here: words (libs/calls), the table (strace_summary.c).
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calls/calls.h"
#include "ctl/evtchn.h"
#include "json.h"
#include "numbers.h"
#include "strace.h"
#include "vane.h"

#define BATCH ((unsigned int)(CTL_PAYLOAD_BYTES / sizeof(paravane_trace_record_t)))

/* How long to rest when there is nothing to read: the hypervisor calls when half
 * the room is used up, if we could bind that event. */
#define REST_MS		100
#define REST_ALONE_MS	2

static volatile sig_atomic_t stopped;

struct strace {
	struct vane *vane;
	struct paravane_sysctl request;	/* u.trace: as at the start, then the last answer */
	struct filter filter;
	struct summary *summary;	/* NULL: line by line */
	struct json json;
	bool as_json;
	int events;			/* of VIRQ_TBUF, or -1 */
	unsigned int limit, shown;	/* 0: none */
	uint64_t started_ns;
	uint32_t next;			/* number of the next record */
	uint64_t lost;
	uint64_t again;			/* bit per vCPU that was stopped half way */
};

static void on_signal(int number)
{
	(void)number;
	stopped = 1;
}

static void catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGHUP, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int ask(struct strace *s, uint32_t op)
{
	s->request.op = op;
	return ctl_paravane(s->vane->ctl, &s->request);
}

static void say_lost(struct strace *s, uint32_t lost)
{
	if (!lost)
		return;
	s->lost += lost;
	if (s->summary)
		return;
	if (!s->as_json) {
		printf("%15s %" PRIu32 " calls came too fast\n", "...", lost);
		return;
	}
	json_open(&s->json, NULL, '{');
	json_number(&s->json, "lost", lost);
	json_close(&s->json, '}');
}

/* It ends in (again) if the vCPU was stopped half way in it. */
static bool goes_on(struct strace *s, const struct paravane_trace_record *r)
{
	uint64_t bit = 1UL << (r->vcpu & 63);
	bool again = s->again & bit;

	if (record_again(r))
		s->again |= bit;
	else
		s->again &= ~bit;
	return again;
}

static void print_line(struct strace *s, const struct paravane_trace_record *r)
{
	char call[CALL_TEXT_ROOM], result[CALL_RESULT_ROOM];

	record_call(r, call);
	record_result(r, result);
	printf("%12.6f %2u %s%s = %s <%" PRIu32 ">%s\n",
	       (double)(int64_t)(r->when_ns - s->started_ns) / 1e9, r->vcpu,
	       r->flags & PARAVANE_TRACE_INNER ? "+ " : "", call, result,
	       r->ticks, goes_on(s, r) ? " (again)" : "");
}

static void print_object(struct strace *s, const struct paravane_trace_record *r)
{
	char name[CALL_NAME_ROOM], command[CALL_NAME_ROOM];
	char call[CALL_TEXT_ROOM], result[CALL_RESULT_ROOM];
	struct json *j = &s->json;

	record_name(r, name, command);
	record_call(r, call);
	record_result(r, result);
	json_open(j, NULL, '{');
	json_number(j, "when_ns", r->when_ns);
	json_number(j, "vcpu", r->vcpu);
	json_number(j, "call", r->call);
	json_string(j, "call_name", call_find(r->call) ? name : "");
	json_string(j, "command", command);
	json_open(j, "arguments", '[');
	for (unsigned int i = 0; i < record_arguments(r); i++)
		json_hex(j, NULL, r->arg[i]);
	json_close(j, ']');
	json_open(j, "structure", '[');
	for (unsigned int i = 0; r->flags & PARAVANE_TRACE_ITEM && i < 4; i++)
		json_hex(j, NULL, r->item[i]);
	json_close(j, ']');
	json_string(j, "text", call);
	json_string(j, "result", result);
	json_number(j, "ticks", r->ticks);
	json_bool(j, "inner", r->flags & PARAVANE_TRACE_INNER);
	json_bool(j, "unfinished", record_again(r));
	json_close(j, '}');
}

static bool enough(const struct strace *s)
{
	return s->limit && s->shown == s->limit;
}

static void show(struct strace *s, const struct paravane_trace_record *r)
{
	say_lost(s, r->number - s->next);
	s->next = r->number + 1;
	if (!filter_wants(&s->filter, r))
		return;
	if (s->summary)
		summary_add(s->summary, r);
	else if (s->as_json)
		print_object(s, r);
	else
		print_line(s, r);
	s->shown++;
}

/* What there is, at most a batch; how many, or an error. */
static int take(struct strace *s)
{
	const struct paravane_trace_record *records = ctl_payload(s->vane->ctl);
	struct paravane_trace *t = &s->request.u.trace;
	int rc;

	t->buffer = (uintptr_t)records;
	t->count = BATCH;
	rc = ask(s, PARAVANE_OP_trace_read);
	if (rc)
		return rc;
	for (unsigned int i = 0; i < t->count && !enough(s); i++)
		show(s, &records[i]);
	if (!t->count && (int32_t)(t->number - s->next) > 0) {
		say_lost(s, t->number - s->next);
		s->next = t->number;
	}
	return (int)t->count;
}

static void rest(struct strace *s)
{
	struct pollfd event = { s->events, POLLIN, 0 };
	int port;

	fflush(stdout);
	poll(&event, 1, s->events >= 0 ? REST_MS : REST_ALONE_MS);
	while (s->events >= 0 && (port = evtchn_next(s->events)) >= 0)
		evtchn_unmask(s->events, (uint32_t)port);
}

/* It makes no more calls: it shut down, or is gone. */
static bool over(struct strace *s)
{
	struct xen_domctl_getdomaininfo info;
	domid_t id = s->request.u.trace.domain;
	int rc = ctl_domain_info(s->vane->ctl, id, &info);

	return rc || (info.flags & (XEN_DOMINF_shutdown | XEN_DOMINF_dying));
}

/* Until somebody or something has enough; 0, or the hypervisor's error. */
static int follow(struct strace *s)
{
	bool last = false;
	int rc = 0;

	while (!stopped && !enough(s) && !ferror(stdout)) {
		rc = take(s);
		if (rc < 0)
			break;
		if (rc)
			continue;
		if (last)
			break;
		/* what it did last was perhaps written down just now */
		last = over(s);
		if (!last)
			rest(s);
	}
	/* What was written down before the person had enough. */
	for (unsigned int i = 0; stopped && !enough(s) && rc >= 0 &&
				 i < PARAVANE_TRACE_ROOM; i += BATCH)
		rc = take(s);
	return rc < 0 ? rc : 0;
}

static int begin(struct strace *s, domid_t id, struct reason *why)
{
	int rc;

	s->events = evtchn_open();
	if (s->events >= 0 && evtchn_bind_virq(s->events, VIRQ_TBUF) < 0) {
		/* another strace has it */
		close(s->events);
		s->events = -1;
	}
	s->request.u.trace = (struct paravane_trace){
		.domain = id,
		.flags = option_given(s->vane, "no-wait") ? 0 :
							    PARAVANE_TRACE_WAIT,
		.calls = filter_calls(&s->filter),
	};
	rc = ask(s, PARAVANE_OP_trace_start);
	s->started_ns = s->request.u.trace.now_ns;
	if (rc == -ENOSYS)
		return refuse(why, rc, "this hypervisor does not record calls: only Paravane does");
	if (rc == -EBUSY)
		return refuse(why, rc, "domain %u is being traced already", id);
	return rc ? refuse_errno(why, rc, "domain %u cannot be traced", id) : 0;
}

static void finish(struct strace *s)
{
	if (s->summary && s->as_json)
		summary_json(s->summary, s->lost, &s->json);
	else if (s->summary)
		summary_print(s->summary, s->lost);
	else if (s->as_json)
		json_close(&s->json, ']');
}

static int trace(struct strace *s, domid_t id, struct reason *why)
{
	int rc = begin(s, id, why);

	if (rc)
		return rc;
	catch_signals();
	if (s->as_json && !s->summary)
		json_open(&s->json, NULL, '[');
	rc = follow(s);
	if (rc != -ESRCH)
		ask(s, PARAVANE_OP_trace_stop);
	finish(s);
	if (rc == -ESRCH && !over(s))
		return refuse(why, rc,
			      "the tracing was ended, since nobody read it for %d seconds",
			      PARAVANE_TRACE_LEASE);
	if (rc && rc != -ESRCH)
		return refuse_errno(why, rc, "the hypervisor's records cannot be read");
	if (fflush(stdout))
		return refuse_errno(why, -errno, "the calls cannot be written out");
	return 0;
}

int cmd_strace(struct vane *v)
{
	struct strace s = { .vane = v, .events = -1, .json.out = stdout };
	const char *limit = option_value(v, "count");
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = filter_parse(option_value(v, "expression"), &s.filter, &why);

	if (!rc && limit)
		rc = read_number(limit, "the number of calls", 1, 1000000000,
				 &s.limit, &why);
	if (rc) {
		complain(&why);
		return EXIT_USAGE;
	}
	rc = need_domain(v, v->arguments[0], &info);
	if (rc)
		return rc;
	s.as_json = option_given(v, "json");
	if (option_given(v, "summary")) {
		s.summary = summary_new();
		if (!s.summary)
			rc = refuse(&why, -ENOMEM, "the control domain lacks memory");
	}
	if (!rc)
		rc = trace(&s, info.domain, &why);
	summary_free(s.summary);
	if (s.events >= 0)
		close(s.events);
	return rc ? complain(&why) : EXIT_DONE;
}
