/**
 * @file connectycube_ami/session.c  A connection with Asterisk's manager
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "message.h"
#include "table.h"
#include "session.h"
#include "session_core.h"


static void destructor(void *data)
{
	struct ami_session *s = data;

	list_flush(&s->requests);
	mem_deref(s->stream);
	mem_deref(s->table);
}


/**
 * Allocate a session, which is closed
 *
 * @param sp  Pointer to it, freed by mem_deref(), which tells nothing
 * @param cfg Who logs in; what it points to must stay
 * @param h   What is told; all but `eventh` must be there
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_session_alloc(struct ami_session **sp,
		      const struct ami_session_config *cfg,
		      const struct ami_session_handlers *h)
{
	struct ami_session *s;
	int err;

	if (!sp || !cfg || !cfg->user || !cfg->secret || !h || !h->sendh ||
	    !h->stateh || !h->changeh)
		return EINVAL;

	s = mem_zalloc(sizeof(*s), destructor);
	if (!s)
		return ENOMEM;

	s->cfg = *cfg;
	s->h   = *h;

	err = ami_table_alloc(&s->table, h->changeh, h->arg);
	if (err)
		mem_deref(s);
	else
		*sp = s;

	return err;
}


/**
 * It goes on to another state
 *
 * @param s     Session
 * @param state State
 * @param wait  How long that may take [ms], 0=for ever
 */
void ami_session_step(struct ami_session *s, enum ami_session_state state,
		      uint32_t wait)
{
	s->deadline = wait ? s->now + wait : 0;

	if (s->state == state)
		return;

	s->state = state;
	s->h.stateh(state, s->h.arg);
}


/**
 * Say what is wrong
 *
 * @param s   Session
 * @param err Error code
 * @param fmt What is wrong
 *
 * @return The error code
 */
int ami_session_fail(struct ami_session *s, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)re_vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);

	return err;
}


/**
 * Which action a message is of
 *
 * @param msg Message
 *
 * @return Its number, 0 if it is of none of ours
 */
uint32_t ami_message_id(const struct ami_message *msg)
{
	const struct pl *pl = ami_get(msg, "ActionID");
	struct pl id;
	uint32_t v;

	if (!pl)
		return 0;

	id = *pl;
	if (!text_skip(&id, "cube-") || text_u32(&v, &id, UINT32_MAX))
		return 0;

	return v;
}


static void banner_handler(const struct pl *banner, void *arg)
{
	struct ami_session *s = arg;

	if (text_str(s->banner, sizeof(s->banner), banner))
		str_ncpy(s->banner, "Asterisk Call Manager", sizeof(s->banner));
}


static int message_handler(const struct ami_message *msg, void *arg)
{
	struct ami_session *s = arg;

	switch (msg->kind) {

	case AMI_RESPONSE:
		if (s->step && ami_message_id(msg) == s->step)
			return ami_login_answer(s, msg);

		ami_request_answer(s, msg);
		break;

	case AMI_EVENT:
		if (s->state < AMI_BOOTING)
			break;

		ami_table_event(s->table, msg, s->now);
		ami_login_event(s, msg);
		ami_request_event(s, msg);
		if (s->h.eventh)
			s->h.eventh(msg, s->h.arg);
		break;

	case AMI_OTHER:
		break;
	}

	return 0;
}


/**
 * The next connection is with the hub, or with Asterisk itself
 *
 * The hub wants no secret, but to know who we are; and says hello when it is
 * connected with Asterisk.
 *
 * @param s       Session
 * @param hub     It is the hub
 * @param patient Hello may take its time
 * @param whoh    Adds to the login what is to be told us of, NULL=nothing
 * @param arg     Its argument
 */
void ami_session_set_hub(struct ami_session *s, bool hub, bool patient,
			 int (*whoh)(struct mbuf *mb, void *arg), void *arg)
{
	if (!s)
		return;

	s->hub     = hub;
	s->patient = hub && patient;
	s->whoh    = whoh;
	s->who_arg = arg;
}


/**
 * A connection is there
 *
 * @param s   Session, which is closed
 * @param now Time [ms], of a clock that nobody sets
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_session_open(struct ami_session *s, uint64_t now)
{
	struct ami_stream *stream;
	int err;

	if (!s)
		return EINVAL;
	if (s->state != AMI_CLOSED)
		return EALREADY;

	err = ami_stream_alloc(&stream, banner_handler, message_handler, s);
	if (err)
		return err;

	mem_deref(s->stream);
	s->stream   = stream;
	s->now      = now;
	s->heard    = now;
	s->asked    = false;
	s->asks     = false;
	s->refused  = false;
	s->filtered = false;
	s->why[0]   = '\0';

	ami_session_step(s, AMI_GREETING, s->patient ? 0 : AMI_TIMEOUT);

	return 0;
}


/**
 * Bytes have come
 *
 * @param s   Session
 * @param buf Bytes
 * @param len Number of bytes
 * @param now Time [ms]
 *
 * @return 0 if success, otherwise why the connection is of no use any more, and
 *         is to be closed: ami_session_why()
 */
int ami_session_input(struct ami_session *s, const uint8_t *buf, size_t len,
		      uint64_t now)
{
	int err;

	if (!s || s->state == AMI_CLOSED)
		return EINVAL;

	s->now   = now;
	s->heard = now;

	err = ami_stream_input(s->stream, buf, len);
	if (err == EPROTO && s->state == AMI_GREETING) {
		return ami_session_fail(s, err, "what listens there is not "
					"Asterisk's manager interface");
	}
	if (err) {
		return s->why[0] ? err : ami_session_fail(s, err, "%m", err);
	}

	return s->state == AMI_GREETING && s->banner[0] ?
		ami_login_greeted(s) : 0;
}


static void pong_handler(int err, const struct ami_message *msg,
			 const char *why, void *arg)
{
	struct ami_session *s = arg;
	(void)msg;
	(void)why;

	if (err != ETIMEDOUT)
		s->asked = false;
}


/* Also when there are events: what is ordered may get nowhere meanwhile */
static int ping(struct ami_session *s)
{
	struct mbuf *mb = mbuf_alloc(64);
	int err;

	if (!mb)
		return ENOMEM;

	err = ami_session_begin(s, mb, "Ping");
	if (!err)
		err = ami_session_request(s, mb, s->now, 2 * AMI_PONG, NULL,
					  pong_handler, s);
	mem_deref(mb);
	if (err)
		return ami_session_fail(s, err, "cannot ping: %m", err);

	s->pinged = s->now;
	s->asked  = true;

	return 0;
}


static int gone(struct ami_session *s)
{
	if (s->heard > s->pinged) {
		return ami_session_fail(s, ETIMEDOUT, "a ping was not answered"
					" in %u s, though events come",
					AMI_PONG / 1000);
	}

	return ami_session_fail(s, ETIMEDOUT, "nothing heard for %u s",
				(unsigned)((s->now - s->heard) / 1000));
}


/**
 * Time has passed
 *
 * @param s   Session
 * @param now Time [ms]
 *
 * @return 0 if success, otherwise why the connection is of no use any more, and
 *         is to be closed: ami_session_why()
 */
int ami_session_tick(struct ami_session *s, uint64_t now)
{
	if (!s || s->state == AMI_CLOSED)
		return 0;

	s->now = now;
	ami_request_late(s);

	if (s->deadline && now >= s->deadline)
		return ami_login_late(s);

	if (s->state != AMI_READY)
		return 0;

	if (s->asked)
		return now >= s->pinged + AMI_PONG ? gone(s) : 0;

	return now >= s->pinged + AMI_PING ? ping(s) : 0;
}


static uint64_t sooner(uint64_t a, uint64_t b)
{
	return !a || (b && b < a) ? b : a;
}


/**
 * When ami_session_tick() is to be called
 *
 * @param s Session
 *
 * @return Time [ms], 0=never
 */
uint64_t ami_session_next(const struct ami_session *s)
{
	uint64_t next;

	if (!s || s->state == AMI_CLOSED)
		return 0;

	next = sooner(s->deadline, ami_request_next(s));
	if (s->state == AMI_READY) {
		next = sooner(next, s->pinged +
			      (s->asked ? AMI_PONG : AMI_PING));
	}

	return next;
}


/**
 * The connection is gone
 *
 * What waits for an answer fails, and is never sent again. The channels stay as
 * they were last seen.
 *
 * @param s Session
 */
void ami_session_close(struct ami_session *s)
{
	if (!s || s->state == AMI_CLOSED)
		return;

	s->step      = 0;
	s->banner[0] = '\0';

	ami_session_step(s, AMI_CLOSED, 0);
	ami_request_lost(s);
}


/**
 * How far a session is
 *
 * @param s Session
 *
 * @return State
 */
enum ami_session_state ami_session_state(const struct ami_session *s)
{
	return s ? s->state : AMI_CLOSED;
}


/**
 * Was the last login refused?
 *
 * To try again soon is of no use then, and every try takes one of the few
 * sessions that Asterisk lets begin.
 *
 * @param s Session
 *
 * @return true if so
 */
bool ami_session_is_refused(const struct ami_session *s)
{
	return s && s->refused;
}


/**
 * What is, or was last, wrong
 *
 * @param s Session
 *
 * @return Text, "" if nothing is
 */
const char *ami_session_why(const struct ami_session *s)
{
	return s ? s->why : "";
}


/**
 * What the other side calls itself
 *
 * @param s Session
 *
 * @return Its banner, "" if it is not connected
 */
const char *ami_session_banner(const struct ami_session *s)
{
	return s ? s->banner : "";
}


/**
 * The channels
 *
 * @param s Session
 *
 * @return Table
 */
const struct ami_table *ami_session_table(const struct ami_session *s)
{
	return s ? s->table : NULL;
}


/**
 * Does Asterisk leave out the events that are of no use?
 *
 * @param s Session
 *
 * @return true if so; false if its user may not ask for that, which is no fault
 */
bool ami_session_is_filtered(const struct ami_session *s)
{
	return s && s->filtered;
}


/**
 * Name of a state
 *
 * @param state State
 *
 * @return Name
 */
const char *ami_session_state_name(enum ami_session_state state)
{
	switch (state) {

	case AMI_CLOSED:   return "closed";
	case AMI_GREETING: return "greeting";
	case AMI_LOGIN:    return "login";
	case AMI_BOOTING:  return "booting";
	case AMI_LISTING:  return "listing";
	case AMI_READY:    return "ready";
	}

	return "?";
}
