/**
 * @file call/listen.h  Whether the parties of a call are heard
 */

/** What is done to be heard again, a bit mask */
enum dead_air_action {
	DEAD_AIR_NONE   = 0,
	DEAD_AIR_PHONE  = 1<<0, /**< re-INVITE towards the phone           */
	DEAD_AIR_APP    = 1<<1, /**< ICE restart towards the app           */
};

struct bcall;

void bcall_listen(struct bcall *bc);
void bcall_listen_end(struct bcall *bc);
