/**
 * @file call/rejoin.h  A party that has gone without a word, and comes back
 *
 *    phone ===== app                     the page is loaded anew, or dies
 *
 *    phone (music)                       for env->rejoin seconds
 *
 *    phone ===== app, another leg        the same user has called again
 *
 * Who hangs up does not come back. A party whose media path is lost has the
 * same time, from then on: its new leg takes the place of the lost one.
 */

struct bcall;
struct leg;

bool rejoin_left(struct leg *leg);
struct bcall *rejoin_find(const struct list *calll, const char *user,
			  bcall_is_h *is_h, void *arg);
int  rejoin_take(struct bcall *bc, struct leg *leg);
bool rejoin_hangup(const struct list *calll, const char *session,
		   const char *user);
