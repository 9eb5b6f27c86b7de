/* SPDX-License-Identifier: MIT */
/* replay.h - the kinds of items in the state files. Numbers never change
 * their meaning: an older daemon may have written them. */
#ifndef XENSTORED_REPLAY_H
#define XENSTORED_REPLAY_H

enum item {
	ITEM_NODE = 1,
	ITEM_REMOVED = 2,
	ITEM_SPECIAL = 3,
	ITEM_QUOTAS = 4,
	ITEM_DOMAIN = 5,
	ITEM_DOMAIN_GONE = 6,
	ITEM_INTRODUCED = 7,
	ITEM_BROKEN = 8,
	ITEM_TARGET = 9,
	ITEM_WATCH = 10,
	ITEM_UNWATCH = 11,
	ITEM_UNWATCH_ALL = 12,
	ITEM_TRANSACTION = 13,
	ITEM_TRANSACTION_END = 14,
	ITEM_TAKEN = 15,
	ITEM_MESSAGE = 16,
};

#endif
