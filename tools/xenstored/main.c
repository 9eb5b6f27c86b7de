/* SPDX-License-Identifier: MIT */
/* main.c - xenstored, the store in which domains and tools meet.
 *
 * Reading order: server.c (the loop), request.c and ops.def (one request),
 * access.c and change.c (what it sees and changes), transaction.c and
 * commit.c (how that becomes so), tree.c, watch.c, domain.c (what there is),
 * conn.c, socket.c, ring.c (who asks), journal.c, record.c, replay.c,
 * state_file.c, snapshot.c (what outlives the daemon).
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/daemon.h"
#include "base/paths.h"
#include "server.h"

static const char usage[] =
	"usage: xenstored [-N] [options]\n"
	"\n"
	"Serves the store to domains and tools. Returns once it is ready and goes\n"
	"on in the background.\n"
	"\n"
	"  -N, --no-fork        stay in the foreground (also -F, --foreground)\n"
	"      --socket PATH    listen there (/var/run/xenstored/socket)\n"
	"      --state DIR      keep the state there (/var/lib/xenstored)\n"
	"      --log FILE       log there (/var/log/vane/xenstored.log)\n"
	"      --pid-file FILE  write the daemon's process id there\n"
	"      --no-domains     serve the local socket only, without a hypervisor\n"
	"  -h, --help           show this help\n";

struct options {
	char socket[PATH_ROOM];
	char state[PATH_ROOM];
	char log[PATH_ROOM];
	const char *pid_file;
	bool foreground;
	bool no_domains;
};

static void end(int signal_number)
{
	server_ending = 1;
}

static void defaults(struct options *o)
{
	const char *folder = getenv("XENSTORED_RUNDIR");
	const char *path = getenv("XENSTORED_PATH");

	memset(o, 0, sizeof(*o));
	if (path)
		snprintf(o->socket, sizeof(o->socket), "%s", path);
	else
		snprintf(o->socket, sizeof(o->socket), "%s/socket",
			 folder ? folder : "/var/run/xenstored");
	strcpy(o->state, "/var/lib/xenstored");
	log_path(o->log, "xenstored.log");
}

static int parse(struct options *o, int argc, char **argv)
{
	enum { SOCKET = 256, STATE, LOG, PID_FILE, NO_DOMAINS };
	static const struct option names[] = {
		{ "no-fork", no_argument, NULL, 'N' },
		{ "foreground", no_argument, NULL, 'N' },
		{ "socket", required_argument, NULL, SOCKET },
		{ "state", required_argument, NULL, STATE },
		{ "log", required_argument, NULL, LOG },
		{ "pid-file", required_argument, NULL, PID_FILE },
		{ "no-domains", no_argument, NULL, NO_DOMAINS },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "NFh", names, NULL)) != -1)
		switch (c) {
		case 'N':
		case 'F':
			o->foreground = true;
			break;
		case SOCKET:
			snprintf(o->socket, sizeof(o->socket), "%s", optarg);
			break;
		case STATE:
			snprintf(o->state, sizeof(o->state), "%s", optarg);
			break;
		case LOG:
			snprintf(o->log, sizeof(o->log), "%s", optarg);
			break;
		case PID_FILE:
			o->pid_file = optarg;
			break;
		case NO_DOMAINS:
			o->no_domains = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		default:
			return -EINVAL;
		}
	return optind == argc ? 0 : -EINVAL;
}

static void make_folder_of(const char *file)
{
	char folder[PATH_ROOM];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", file);
	slash = strrchr(folder, '/');
	if (slash && slash != folder) {
		*slash = '\0';
		make_folders(folder);
	}
}

static int start(struct server *server, const struct options *o,
		 struct reason *why)
{
	struct store *s = &server->store;
	int rc;

	server->listen = -1;
	make_folder_of(o->log);
	log_open(o->log);
	rc = store_open(s);
	if (rc)
		return refuse(why, rc, "out of memory");
	if (!o->no_domains) {
		s->hv = hv_open(why);
		if (!s->hv)
			return -ENODEV;
	}
	make_folders(o->state);
	rc = journal_open(s, o->state, why);
	if (rc)
		return rc;
	rc = store_begin(s);
	if (rc)
		return refuse(why, rc, "out of memory");
	while (snapshot_step(s))
		;
	make_folder_of(o->socket);
	return server_listen(server, o->socket, why);
}

static void write_pid(const char *file)
{
	FILE *f = file ? fopen(file, "w") : NULL;

	if (!f)
		return;
	fprintf(f, "%d\n", (int)getpid());
	fclose(f);
}

/* Opens, tells whoever waits on `ready` (-1: nobody), and serves. */
static int serve(int ready, void *context)
{
	const struct options *o = context;
	static struct server server;
	struct reason why = { 0 };
	int rc;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, end);
	signal(SIGINT, end);
	rc = start(&server, o, &why);
	if (rc) {
		fprintf(stderr, "xenstored: %s\n", why.text);
		return 1;
	}
	write_pid(o->pid_file);
	if (daemon_ready(ready))
		return 1;
	while (!rc && !server_ending)
		rc = server_turn(&server, snapshot_wait(&server.store));
	if (rc)
		log_line("ends: %s", strerror(-rc));
	unlink(o->socket);
	store_close(&server.store);
	hv_close(server.store.hv);
	return rc < 0;
}

int main(int argc, char **argv)
{
	struct options o;

	defaults(&o);
	if (parse(&o, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	return o.foreground ? serve(-1, &o) :
			      daemon_background("xenstored", serve, &o);
}
