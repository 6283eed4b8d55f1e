/**
 * @file call/ring.h  A call that rings by a plan: one group after another
 *
 *   take a phone's call --> bcall_ring() --group handler--> a leg
 *                              ^                              |
 *                              |  it is over, or its time is: |
 *                              +------ the next group <-------+
 *                              |
 *                              `--> nobody is left: the call ends, or is
 *                                   forwarded
 *
 * The legs of a group that has rung are gone before the next one rings.
 */

struct ring_call;

/**
 * Ring the users of a group: a new leg of the call
 *
 * @param bc    Call
 * @param first Index of the first user
 * @param n     Number of users
 * @param cause Why nobody of them rings (output)
 * @param arg   Handler argument
 *
 * @return 0 if it rings, otherwise errorcode
 */
typedef int (bcall_group_h)(struct bcall *bc, size_t first, size_t n,
			    struct leg_cause *cause, void *arg);

/**
 * Nobody is left to ring
 *
 * @param bc    Call
 * @param cause What its caller is told; may be changed
 * @param arg   Handler argument
 */
typedef void (bcall_over_h)(struct bcall *bc, struct leg_cause *cause,
			    void *arg);

int  bcall_ring(struct bcall *bc, const struct ringplan *plan,
		bcall_group_h *grouph, bcall_over_h *overh, void *arg);
bool bcall_ring_goes_on(struct leg *leg);
void bcall_ring_ended(struct bcall *bc, struct leg_cause *cause);
