/* SPDX-License-Identifier: MIT */
/* list.h - a circular doubly linked list, intrusive.
 *
 * Invariant: a node is in a list or points at itself, so removing twice is
 * harmless.
 */
#ifndef PARAVANE_BASE_LIST_H
#define PARAVANE_BASE_LIST_H

#include "compiler.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_push_back(struct list *head, struct list *n)
{
	n->prev = head->prev;
	n->next = head;
	head->prev->next = n;
	head->prev = n;
}

static inline void list_remove(struct list *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

#define list_entry(p, type, member)	container_of(p, type, member)
#define list_for_each(p, head) \
	for (struct list *p = (head)->next; p != (head); p = p->next)

#endif
