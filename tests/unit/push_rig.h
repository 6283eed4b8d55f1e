/**
 * @file push_rig.h  What tests of push notifications have
 */
#include "cube_rig.h"
#include "cube/activity.h"
#include "cube/push.h"


/* --- what is in them --------------------------------------------------- */


/* The message of an event, and for whom it is */
static inline void message(char *msg, size_t size, const char *body,
			   const char *env, char *user, size_t usize)
{
	struct pl e, u, b64;
	size_t len = size - 1;

	assert_int_equal(0, re_regex(body, strlen(body),
				     "{\"event\":{\"notification_type\":\"push\","
				     "\"environment\":\"[a-z]+\","
				     "\"user\":{\"ids\":\\[[0-9]+\\]},"
				     "\"message\":\"[^\"]+\"}}",
				     &e, &u, &b64));
	assert_int_equal(0, pl_strcmp(&e, env));
	assert_int_equal(0, pl_strcpy(&u, user, usize));
	assert_int_equal(0, base64_decode(b64.p, b64.l, (uint8_t *)msg,
					  &len));
	msg[len] = '\0';
}


static inline int group_setup(void **state)
{
	return tu_setup(state) || peer_init();
}


static inline int group_teardown(void **state)
{
	peer_close();

	return tu_teardown(state);
}
