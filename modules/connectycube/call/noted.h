/**
 * @file call/noted.h  Which user has heard of which call
 *
 *   answered, declined, noted --noted_add()--> memory
 *   missed --noted_has()--> one note less
 *
 * A caller may reach a user by several calls that are one to both: of a group
 * of extensions that ring the same user, or sent on (302) from one to the next.
 * They ring at the same time, or one right after the other. Pure.
 */

enum {
	NOTED_MAX  = 128,       /**< That are remembered                   */
	NOTED_NEXT = 1000,      /**< From a call to the one that it was sent
				     on by [ms]                            */
};

struct event_call;

void noted_add(struct list *l, const char *user, const char *caller,
	       uint64_t now);
bool noted_has(const struct list *l, const char *user, const char *caller,
	       uint64_t start);
bool noted_is_missed(const struct event_call *call);
