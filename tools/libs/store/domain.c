/* SPDX-License-Identifier: MIT */
/* domain.c - what the control domain tells the daemon of domains. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/handle.h"

static char *ask_domain(struct xs_handle *h, enum xsd_sockmsg_type type,
			unsigned int domid)
{
	char text[MAX_STRLEN(domid)];

	snprintf(text, sizeof(text), "%u", domid);
	return store_ask_string(h, XBT_NULL, type, text, NULL);
}

bool xs_introduce_domain(struct xs_handle *h, unsigned int domid,
			 unsigned long mfn, unsigned int eventchn)
{
	char domain[MAX_STRLEN(domid)], frame[MAX_STRLEN(mfn)];
	char port[MAX_STRLEN(eventchn)];
	struct iovec pieces[] = {
		piece(domain, sprintf(domain, "%u", domid) + 1),
		piece(frame, sprintf(frame, "%lu", mfn) + 1),
		piece(port, sprintf(port, "%u", eventchn) + 1),
	};

	return store_done(store_ask(h, XBT_NULL, XS_INTRODUCE, pieces, 3,
				    NULL));
}

bool xs_set_target(struct xs_handle *h, unsigned int domid,
		   unsigned int target)
{
	char domain[MAX_STRLEN(domid)], other[MAX_STRLEN(target)];
	struct iovec pieces[] = {
		piece(domain, sprintf(domain, "%u", domid) + 1),
		piece(other, sprintf(other, "%u", target) + 1),
	};

	return store_done(store_ask(h, XBT_NULL, XS_SET_TARGET, pieces, 2,
				    NULL));
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid)
{
	return store_done(ask_domain(h, XS_RESUME, domid));
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid)
{
	return store_done(ask_domain(h, XS_RELEASE, domid));
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid)
{
	return ask_domain(h, XS_GET_DOMAIN_PATH, domid);
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid)
{
	char *answer = ask_domain(h, XS_IS_DOMAIN_INTRODUCED, domid);
	bool introduced = answer && strcmp(answer, "T") == 0;

	free(answer);
	return introduced;
}

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data,
			 unsigned int len)
{
	struct iovec pieces[] = {
		piece(cmd, strlen(cmd) + 1),
		piece(data, len),
	};

	return store_ask(h, XBT_NULL, XS_CONTROL, pieces, 2, NULL);
}

char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data,
		       unsigned int len)
{
	return xs_control_command(h, cmd, data, len);
}

int xs_suspend_evtchn_port(int domid)
{
	char path[64], *text;
	struct xs_handle *h;
	int port;

	snprintf(path, sizeof(path),
		 "/local/domain/%d/device/suspend/event-channel", domid);
	h = xs_open(0);
	if (!h)
		return -1;
	text = xs_read(h, XBT_NULL, path, NULL);
	xs_close(h);
	port = text ? (int)strtol(text, NULL, 10) : -1;
	free(text);
	return port;
}
