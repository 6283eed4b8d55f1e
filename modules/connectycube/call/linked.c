/**
 * @file call/linked.c  Calls that have shared a party belong together
 *
 *   A: x - y    B: y - z    y joins x and z: A and B have one `linked_id`
 *
 * Pure. The record of one of them may have been written already, so what one
 * has in common with others does not change if that can be helped.
 */
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"


/* The one that others belong to; else the older one */
static bool is_first(const struct bcall *a, const struct bcall *b)
{
	return a->is_linked == b->is_linked ? a->linked_id < b->linked_id
		: a->is_linked;
}


/**
 * Two calls have a party in common, which joins them: from now on, and in
 * their records, both have the same `linked_id`
 *
 * @param a One call
 * @param b The other one
 */
void bcall_link(struct bcall *a, struct bcall *b)
{
	const struct bcall *first;
	struct bcall *second;

	if (!a || !b || a == b)
		return;

	first  = is_first(a, b) ? a : b;
	second = first == a ? b : a;

	second->linked_id = first->linked_id;
	str_ncpy(second->linked, first->linked, sizeof(second->linked));
	a->is_linked = b->is_linked = true;
}
