/* SPDX-License-Identifier: MIT */
/* list.h - circular doubly linked lists whose nodes live inside their objects.
 *
 * Invariant: a node that is on no list points at itself, so list_remove is
 * harmless when repeated and list_empty tells whether a node is linked.
 */
#ifndef KERNEL_LIB_LIST_H
#define KERNEL_LIB_LIST_H

#include "core/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void list_insert_before(struct list *where, struct list *node)
{
	node->prev = where->prev;
	node->next = where;
	where->prev->next = node;
	where->prev = node;
}

static inline void list_push_back(struct list *head, struct list *node)
{
	list_insert_before(head, node);
}

static inline void list_push_front(struct list *head, struct list *node)
{
	list_insert_before(head->next, node);
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

#define list_entry(node, type, member) container_of(node, type, member)

#define list_first(head, type, member) \
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))

#define list_for_each(pos, head, member)                                 \
	for (pos = list_entry((head)->next, typeof(*pos), member);        \
	     &pos->member != (head);                                      \
	     pos = list_entry(pos->member.next, typeof(*pos), member))

/* As list_for_each, but the body may remove or free `pos`. */
#define list_for_each_safe(pos, tmp, head, member)                       \
	for (pos = list_entry((head)->next, typeof(*pos), member),        \
	     tmp = list_entry(pos->member.next, typeof(*pos), member);    \
	     &pos->member != (head);                                      \
	     pos = tmp, tmp = list_entry(tmp->member.next, typeof(*tmp), member))

#endif
