/**
 * @file ami_rig.h  A session with Asterisk's manager; bytes and time are the
 *                  test's
 */
#include "connectycube_ami/message.h"
#include "connectycube_ami/table.h"
#include "connectycube_ami/session.h"

#define BANNER "Asterisk Call Manager/11.0.0\r\n"


/** A session, and what it said */
struct fix {
	struct ami_session *s;
	uint64_t now;
	char sent[2048];                /* since the last look */
	enum ami_session_state state;
	unsigned events;
	int send_err;
	int err;                        /* of the last answer */
	unsigned answers;
	char why[128];
};


static inline int send_handler(struct mbuf *mb, void *arg)
{
	struct fix *f = arg;
	size_t l = strlen(f->sent);

	if (f->send_err)
		return f->send_err;

	(void)re_snprintf(f->sent + l, sizeof(f->sent) - l, "%b",
			  mbuf_buf(mb), mbuf_get_left(mb));

	return 0;
}


static inline void state_handler(enum ami_session_state state, void *arg)
{
	struct fix *f = arg;

	f->state = state;
}


static inline void event_handler(const struct ami_message *msg, void *arg)
{
	struct fix *f = arg;
	(void)msg;

	++f->events;
}


static inline void change_handler(const struct ami_channel *chan,
			   enum ami_change change, const char *detail,
			   void *arg)
{
	(void)chan;
	(void)change;
	(void)detail;
	(void)arg;
}


static inline void reply_handler(int err, const struct ami_message *msg,
			  const char *why, void *arg)
{
	struct fix *f = arg;
	(void)msg;

	f->err = err;
	++f->answers;
	str_ncpy(f->why, why, sizeof(f->why));
}


static inline void begin_as(struct fix *f, bool plain)
{
	const struct ami_session_config cfg = {
		"bridge_ami", "amisecret", plain
	};
	const struct ami_session_handlers h = {
		send_handler, state_handler, event_handler, change_handler, f
	};

	memset(f, 0, sizeof(*f));
	f->now = 1000;
	assert_int_equal(0, ami_session_alloc(&f->s, &cfg, &h));
	assert_int_equal(0, ami_session_open(f->s, f->now));
	assert_int_equal(AMI_GREETING, f->state);
}


static inline int input(struct fix *f, const char *text)
{
	f->sent[0] = '\0';

	return ami_session_input(f->s, (const uint8_t *)text, strlen(text),
				 f->now);
}


static inline void to_ready(struct fix *f)
{
	begin_as(f, false);
	assert_int_equal(0, input(f, BANNER));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-1\r\nChallenge: 401341784\r\n\r\n"));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-2\r\nMessage: Authentication accepted\r\n\r\n"
		"Event: FullyBooted\r\n\r\n"));
	assert_int_equal(0, input(f, "Response: Success\r\n"
		"ActionID: cube-3\r\nMessage: Success\r\n\r\n"
		"Response: Success\r\n"
		"ActionID: cube-4\r\nEventList: start\r\n\r\n"
		"Event: CoreShowChannelsComplete\r\n"
		"ActionID: cube-4\r\n\r\n"));
	assert_int_equal(AMI_READY, f->state);
}


static inline int hang_up(struct fix *f, const char *until)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	f->answers = 0;
	f->sent[0] = '\0';
	assert_int_equal(0, ami_session_begin(f->s, mb, "Hangup"));
	assert_int_equal(0, ami_action_add(mb, "Channel", "PJSIP/1-1"));
	err = ami_session_request(f->s, mb, f->now, AMI_TIMEOUT, until,
				  reply_handler, f);
	mem_deref(mb);

	return err;
}
