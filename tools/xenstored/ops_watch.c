/* SPDX-License-Identifier: MIT */
/* ops_watch.c - requests about watches and transactions. */
#include <errno.h>
#include <string.h>

#include "path.h"
#include "record.h"
#include "request.h"
#include "store.h"

static int watched_path(struct request *r, const char *name,
			char path[PATH_ROOM_MAX], size_t *relative)
{
	struct conn *c = r->conn;

	*relative = 0;
	if (name[0] == '@') {
		if (strlen(name) > XENSTORE_REL_PATH_MAX)
			return -EINVAL;
		strcpy(path, name);
		return 0;
	}
	return path_canonical(path, name, c->id,
			      r->s->quotas.limit[QUOTA_PATH_MAX],
			      relative) ? 0 : -EINVAL;
}

/* The answer comes before the first event, so it is sent here. */
static void answer_now(struct request *r)
{
	struct xsd_sockmsg header = r->header;

	header.len = 3;
	conn_send(r->s, r->conn, &header, "OK");
	r->answered = true;
}

int op_watch(struct request *r)
{
	struct conn *c = r->conn;
	struct usage *usage = &c->domain->usage;
	char path[PATH_ROOM_MAX];
	const char *list[2], *rest;
	struct watch *w;
	size_t relative;
	int rc = request_strings(r, list, 2, &rest);

	if (rc || rest != r->in + r->in_used)
		return -EINVAL;
	rc = watched_path(r, list[0], path, &relative);
	if (rc)
		return rc;
	if (watch_known(r->s, c, path, list[1]))
		return -EEXIST;
	if (!quota_allows(&r->s->quotas, QUOTA_WATCHES, c->id, usage,
			  usage->watches + 1))
		return -E2BIG;
	if (!quota_allows(&r->s->quotas, QUOTA_MEMORY, c->id, usage,
			  usage->memory + sizeof(*w) + r->in_used))
		return -ENOMEM;
	rc = watch_add(r->s, c, path, list[1], relative, &w);
	if (rc)
		return rc;
	record_watch(r->s, w);
	answer_now(r);
	watch_tell(r->s, w, path);
	return 0;
}

int op_unwatch(struct request *r)
{
	char path[PATH_ROOM_MAX];
	const char *list[2], *rest;
	size_t relative;
	int rc = request_strings(r, list, 2, &rest);

	if (rc || rest != r->in + r->in_used)
		return -EINVAL;
	/* what is no path cannot be watched */
	rc = watched_path(r, list[0], path, &relative) ? -ENOENT : 0;
	if (!rc)
		rc = watch_remove(r->s, r->conn, path, list[1]);
	if (!rc)
		record_unwatch(r->s, r->conn, path, list[1]);
	return rc;
}

int op_reset_watches(struct request *r)
{
	struct conn *c = r->conn;

	watch_remove_all(r->s, c);
	while (c->transactions)
		transaction_remove(c, c->transactions);
	record_unwatch_all(r->s, c);
	return 0;
}

int op_transaction_start(struct request *r)
{
	struct conn *c = r->conn;
	struct usage *usage = &c->domain->usage;
	struct transaction *tx;

	if (r->tx)
		return -EBUSY;
	if (!quota_allows(&r->s->quotas, QUOTA_TRANSACTIONS, c->id, usage,
			  usage->transactions + 1))
		return -ENOSPC;
	do
		c->last_transaction++;
	while (!c->last_transaction ||
	       transaction_find(c, c->last_transaction));
	tx = transaction_new(c, c->last_transaction);
	if (!tx)
		return -ENOMEM;
	transaction_add(c, tx);
	record_transaction(r->s, c, tx->id, true);
	answer_text(r, "%u", tx->id);
	return answer_bytes(r, "", 1);
}

int op_transaction_end(struct request *r)
{
	struct transaction *tx = r->tx;
	const char *word;
	bool commit;
	int rc = request_one(r, &word);

	if (rc || (strcmp(word, "T") && strcmp(word, "F")))
		return -EINVAL;
	if (!tx)
		return -ENOENT;
	commit = word[0] == 'T';
	if (commit)
		rc = transaction_commit(r->s, tx);
	record_transaction(r->s, r->conn, tx->id, false);
	transaction_remove(r->conn, tx);
	return rc;
}
