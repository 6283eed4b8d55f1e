/**
 * @file call/forward.h  Where a call goes that nobody takes
 *
 * Pure.
 */

const char *forward_pick(char *const *ownv, char *const *dfltv,
			 enum ring_no no);
bool forward_is_for(const struct numplan *np, const char *target,
		    const char *number);
const char *forward_why(enum ring_no no);
