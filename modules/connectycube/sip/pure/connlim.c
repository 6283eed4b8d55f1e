/**
 * @file sip/pure/connlim.c  How many connections are taken, and of whom (pure)
 *
 * Each takes a file descriptor, and calls need them. Who may not ring has a
 * few; when there are too many, the one that was idle for longest goes, a
 * stranger's before all others.
 */
#include <re.h>
#include "connlim.h"


static void older(struct connlim_old *old, void *conn, uint64_t left)
{
	if (old->conn && old->left <= left)
		return;

	old->conn = conn;
	old->left = left;
}


/**
 * See a connection that is there
 *
 * @param cl       Who wants another one
 * @param conn     Connection
 * @param peer     Its remote address
 * @param stranger It may not ring
 * @param left     When it is closed if nothing comes [ms]
 */
void connlim_see(struct connlim *cl, void *conn, const struct sa *peer,
		 bool stranger, uint64_t left)
{
	++cl->all;
	older(&cl->any_old, conn, left);

	if (stranger) {
		++cl->strange;
		older(&cl->strange_old, conn, left);
	}

	if (sa_cmp(peer, cl->peer, SA_ADDR)) {
		++cl->same;
		older(&cl->same_old, conn, left);
	}
}


/**
 * May another connection be taken?
 *
 * @param cl     Who wants it; has seen those that are there
 * @param victim Set to the one that is to be closed for it, NULL=none
 *
 * @return True if it may
 */
bool connlim_take(const struct connlim *cl, void **victim)
{
	*victim = NULL;

	if (cl->stranger && cl->same >= CONNLIM_EACH)
		*victim = cl->same_old.conn;
	else if (cl->stranger && cl->strange >= cl->max / CONNLIM_STRANGE)
		*victim = cl->strange_old.conn;
	else if (cl->all >= cl->max)
		*victim = cl->strange ? cl->strange_old.conn :
			cl->stranger ? NULL : cl->any_old.conn;
	else
		return true;

	return *victim != NULL;
}
