/* SPDX-License-Identifier: MIT */
/* fake_store.h - a store of a hundred nodes, behind libxenstore's calls.
 *
 * Permissions are written down and not obeyed; a transaction that is aborted,
 * or fails, puts everything back, and sees what others do meanwhile. It lies in
 * shared memory: a test may run the code under test in a forked process, and be
 * the store.
 */
#ifndef TESTS_TOOLS_FAKE_STORE_H
#define TESTS_TOOLS_FAKE_STORE_H

#include <stdbool.h>

#define FAKE_NODES   160
#define FAKE_WATCHES 32

struct fake_node {
	char path[128];
	char value[1024];
	/* the domain that owns it */
	unsigned int owner;
};

struct fake_store {
	struct fake_node nodes[FAKE_NODES];
	int node_count;
	struct {
		char path[128];
		char token[32];
	} watches[FAKE_WATCHES];
	int watch_count;
	/* no daemon answers */
	bool down;
	/* so often a daemon was looked for meanwhile */
	int refused;
	/* the change numbered so fails with EIO; and so many ends of
	 * transactions fail with EAGAIN */
	int changes;
	int fail;
	int conflicts;
	/* what was introduced last, and is still; 0 for none */
	unsigned int introduced;
	unsigned long introduced_mfn;
	unsigned int introduced_port;
};

extern struct fake_store *fake_store;

/* An empty store, said to be at `socket_path`. */
void fake_store_reset(const char *socket_path);

/* No daemon answers from now on, or one does again, with the same nodes and
 * without any watches. */
void fake_store_down(bool down);

/* As the domain or its maker: a node, made or replaced; the watches fire. */
void fake_store_write(const char *path, const char *value);

/* A node's value, or NULL. */
const char *fake_store_value(const char *path);

/* Fires the watches on a path, or on a name with @. */
void fake_store_fire(const char *path);

#endif
