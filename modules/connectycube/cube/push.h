/**
 * @file cube/push.h  The push notification that rings a closed app
 *
 *   callpush.c --> push_encode() --> pushq.c --> POST /events.json
 *
 * Each SDK reads keys of its own out of the one message, by their exact types;
 * they do not collide, so all get the same. Pure.
 */

/** What a push notification is about. The strings are the caller's */
struct push {
	bool end;               /**< The call is over: stop ringing        */
	bool production;        /**< Of the app's certificates; else
				     development                           */
	const char *user;       /**< User id that is to hear of it         */
	const char *sid;        /**< Session id of the call                */
	enum cube_call_type type; /**< Audio or video                      */
	const char *caller;     /**< User id of who calls                  */
	const char *name;       /**< ... and the name to show              */
	const struct cube_info *infov; /**< userInfo of `call`             */
	size_t infoc;           /**< Number of values                      */
	uint64_t now;           /**< Since 1970 [ms]                       */
};

int push_encode(char **bodyp, const struct push *p);
