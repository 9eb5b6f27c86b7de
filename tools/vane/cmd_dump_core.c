/* SPDX-License-Identifier: MIT */
/* cmd_dump_core.c - vane dump-core and vane backtrace: a domain as a debugger
 * wants it. It stands still meanwhile.
 *
 * With --log the backtrace goes where the domain's own last words are;
 * vane-monitord asks for that when a domain has crashed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "console/client.h"
#include "debug/debug.h"
#include "tree/tree.h"
#include "vane.h"

typedef int look_fn(struct vane *v, const struct xen_domctl_getdomaininfo *info,
		    struct reason *why);

/* Lets consoled write down what is still in the ring. */
static void flush_console(domid_t id)
{
	struct reason ignored = { 0 };
	int fd = consoled_request("show", id, &ignored);
	char bytes[4096];

	while (fd >= 0 && read(fd, bytes, sizeof(bytes)) > 0)
		continue;
	if (fd >= 0)
		close(fd);
}

static FILE *open_log(struct vane *v, const struct xen_domctl_getdomaininfo *info,
		      struct reason *why)
{
	char name[GUEST_NAME_MAX + 1], path[PATH_ROOM];
	FILE *log;

	flush_console(info->domain);
	tree_name(v->store, info, name);
	log_path(path, "guest-%s.log", name);
	log = fopen(path, "ae");
	if (!log)
		refuse_errno(why, -errno, "cannot write %s", path);
	return log;
}

static int backtrace(struct vane *v, const struct xen_domctl_getdomaininfo *info,
		     struct reason *why)
{
	const char *kernel = NULL;
	char noted[PATH_ROOM];
	FILE *out = stdout;
	int rc;

	/* dump-core has no such option */
	if (!strcmp(v->command->name, "backtrace"))
		kernel = option_value(v, "kernel");
	if (!kernel) {
		tree_kernel(v->store, info, noted);
		kernel = noted[0] ? noted : NULL;
	}
	if (option_given(v, "log"))
		out = open_log(v, info, why);
	if (!out)
		return -EIO;
	rc = debug_backtrace(v->ctl, info->domain, kernel, out, why);
	if (out != stdout && fclose(out) && !rc)
		rc = refuse_errno(why, -errno, "cannot write the domain's log");
	return rc;
}

/* A guest's memory is nobody else's to read. */
static FILE *open_core(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (fd >= 0 && !out)
		close(fd);
	return out;
}

static int dump(struct vane *v, const struct xen_domctl_getdomaininfo *info,
		struct reason *why)
{
	const char *path = v->arguments[1];
	bool to_stdout = !strcmp(path, "-");
	FILE *out = to_stdout ? stdout : open_core(path);
	int rc;

	if (!out)
		return refuse_errno(why, -errno, "cannot write %s", path);
	rc = debug_dump_core(v->ctl, info->domain, path, out, why);
	if (to_stdout)
		return rc;
	if (fclose(out) && !rc)
		rc = refuse_errno(why, -errno, "cannot write %s", path);
	/* Half a file would be taken for a whole one. */
	if (rc)
		unlink(path);
	return rc;
}

static int trace_and_dump(struct vane *v,
			  const struct xen_domctl_getdomaininfo *info,
			  struct reason *why)
{
	int rc = option_given(v, "log") ? backtrace(v, info, why) : 0;

	return rc ? rc : dump(v, info, why);
}

static volatile sig_atomic_t caught;

static void catch(int signal)
{
	caught = signal;
	debug_stop();
}

/* The guest is not left standing, nor half a file: what ends others is caught,
 * and a pipe that nobody reads is an error. */
static void catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	/* a write that waits is interrupted */
	struct sigaction action = { .sa_handler = catch };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct sigaction before;

		/* nohup stays nohup */
		if (!sigaction(ends[i], NULL, &before) &&
		    before.sa_handler != SIG_IGN)
			sigaction(ends[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
}

static int look_at(struct vane *v, look_fn *look)
{
	struct xen_domctl_getdomaininfo info;
	struct reason why = { 0 };
	int rc = need_guest(v, v->arguments[0], "looked into", &info);

	if (rc)
		return rc;
	want_store(v);
	catch_signals();
	rc = ctl_domain_pause(v->ctl, info.domain);
	if (rc) {
		refuse_errno(&why, rc, "cannot pause domain %u", info.domain);
		return complain(&why);
	}
	rc = look(v, &info, &why);
	ctl_domain_unpause(v->ctl, info.domain);
	if (caught) {
		signal(caught, SIG_DFL);
		raise(caught);
	}
	return rc ? complain(&why) : EXIT_DONE;
}

int cmd_dump_core(struct vane *v)
{
	return look_at(v, trace_and_dump);
}

int cmd_backtrace(struct vane *v)
{
	return look_at(v, backtrace);
}
