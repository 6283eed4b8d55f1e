/**
 * @file connectycube_ami/request.c  Actions, and their answers
 *
 * Asterisk answers an action once (Response), and of some tells later by an
 * event how they went: Originate is "queued" at once, OriginateResponse comes
 * when somebody has answered, or nobody. An action that got no answer is never
 * sent again: an Originate that is sent twice is two calls.
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
	struct ami_request *req = data;

	list_unlink(&req->le);
}


/**
 * Begin an action, to be ended and sent by ami_session_request()
 *
 * @param s      Session
 * @param mb     Buffer, empty
 * @param action Name of the action
 *
 * @return 0 if success, otherwise errorcode
 */
int ami_session_begin(struct ami_session *s, struct mbuf *mb,
		      const char *action)
{
	if (!s || !mb)
		return EINVAL;

	if (!++s->id)
		++s->id;
	s->right = ami_permit_right(action);

	return ami_action_begin(mb, action, s->id);
}


/**
 * Send the action that was begun last
 *
 * @param s     Session, which is ready, or lists, or boots
 * @param mb    Action, without its end
 * @param now   Time [ms]
 * @param wait  How long an answer is awaited [ms]
 * @param until Event of this action that tells how it went; NULL: its
 *              response does. One that refuses it always does
 * @param h     Told how it went (optional)
 * @param arg   Its argument
 *
 * @return 0 if success; ENOTCONN if there is no connection, EAGAIN if too many
 *         actions wait, otherwise errorcode: then the handler is not called
 */
int ami_session_request(struct ami_session *s, struct mbuf *mb,
			uint64_t now, uint32_t wait, const char *until,
			ami_reply_h *h, void *arg)
{
	struct ami_request *req;
	int err;

	if (!s || !mb)
		return EINVAL;
	if (s->state == AMI_CLOSED)
		return ENOTCONN;
	if (list_count(&s->requests) >= AMI_REQUESTS_MAX)
		return EAGAIN;

	req = mem_zalloc(sizeof(*req), destructor);
	if (!req)
		return ENOMEM;

	req->id       = s->id;
	req->right    = s->right;
	req->deadline = now + wait;
	req->latest   = now + (uint64_t)wait * AMI_LIST_TIMES;
	req->h        = h;
	req->arg      = arg;
	if (until)
		str_ncpy(req->until, until, sizeof(req->until));

	err = ami_action_end(mb);
	if (!err) {
		mb->pos = 0;
		err = s->h.sendh(mb, s->h.arg);
	}

	if (err)
		mem_deref(req);
	else
		list_append(&s->requests, &req->le, req);

	return err;
}


/**
 * Does anything wait for its answer?
 *
 * @param s Session
 *
 * @return true if so
 */
bool ami_session_is_busy(const struct ami_session *s)
{
	return s && !list_isempty(&s->requests);
}


/**
 * Whoever asked is gone: nobody is told
 *
 * @param s   Session
 * @param arg Argument of the handlers that are not to be called
 */
void ami_session_forget(struct ami_session *s, const void *arg)
{
	struct le *le;

	if (!s)
		return;

	LIST_FOREACH(&s->requests, le) {

		struct ami_request *req = le->data;

		if (req->arg == arg)
			req->h = NULL;
	}
}


static struct ami_request *find(const struct ami_session *s,
				const struct ami_message *msg)
{
	const uint32_t id = ami_message_id(msg);
	struct le *le;

	if (!id)
		return NULL;

	LIST_FOREACH(&s->requests, le) {

		struct ami_request *req = le->data;

		if (req->id == id)
			return req;
	}

	return NULL;
}


/* It frees the request, before anybody is told, who may ask for more */
static void done(struct ami_request *req, int err,
		 const struct ami_message *msg, const char *why)
{
	ami_reply_h *h = req->h;
	void *arg = req->arg;

	mem_deref(req);

	if (h)
		h(err, msg, why, arg);
}


/* Of a refusal, Asterisk says only in words what is wrong, and of a right that
 * is missing not which */
static void refused(const struct ami_session *s, struct ami_request *req,
		    const struct ami_message *msg)
{
	char text[128], why[320];

	if (ami_str(msg, "Message", text, sizeof(text)) || !text[0])
		str_ncpy(text, "Asterisk refuses it", sizeof(text));

	/* so the hub says that it does not know what has come of it */
	if (ami_get(msg, AMI_OUTCOME)) {
		done(req, ami_is(msg, AMI_OUTCOME, "late") ? ETIMEDOUT :
		     ENOTCONN, NULL, text);
		return;
	}

	if (str_casecmp(text, "Permission denied")) {
		done(req, EREMOTEIO, msg, text);
		return;
	}

	(void)re_snprintf(why, sizeof(why), "%s: %s needs %s in manager.conf",
			  text, s->cfg.user,
			  req->right ? req->right : "another right");
	done(req, EPERM, msg, why);
}


/* "Pong" is what Asterisk 1.4 said */
static bool is_done(const struct ami_message *msg)
{
	return ami_is(msg, "Response", "Success") ||
		ami_is(msg, "Response", "Pong");
}


/**
 * A response has come
 *
 * @param s   Session
 * @param msg Response
 */
void ami_request_answer(struct ami_session *s, const struct ami_message *msg)
{
	struct ami_request *req = find(s, msg);

	if (!req)
		return;

	if (!is_done(msg))
		refused(s, req, msg);
	else if (!req->until[0])
		done(req, 0, msg, "");
}


/* Why nobody has answered who was called: Asterisk's numbers of OriginateResponse,
   which are those of its control frames */
static const char *reason(const struct ami_message *msg)
{
	static const struct {
		const char *num;
		const char *why;
	} v[] = {
		{"0", "it failed: there is nobody to be reached"},
		{"1", "it failed: rejected, or no answer"},
		{"3", "it failed: no answer"},
		{"5", "it failed: busy"},
		{"8", "it failed: congestion, or not available"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (ami_is(msg, "Reason", v[i].num))
			return v[i].why;
	}

	return "it failed";
}


/**
 * An event has come, which may tell how an action went
 *
 * @param s   Session
 * @param msg Event
 */
void ami_request_event(struct ami_session *s, const struct ami_message *msg)
{
	struct ami_request *req = find(s, msg);

	if (!req || !req->until[0])
		return;

	/* thousands of channels take their time on a slow link */
	if (!ami_is(msg, "Event", req->until)) {
		req->deadline = max(req->deadline, min(s->now + AMI_TIMEOUT,
						       req->latest));
		return;
	}

	if (ami_is(msg, "Response", "Failure"))
		done(req, EREMOTEIO, msg, reason(msg));
	else
		done(req, 0, msg, "");
}


/**
 * Those that were not answered in time fail
 *
 * @param s Session
 */
void ami_request_late(struct ami_session *s)
{
	struct le *le = list_head(&s->requests);

	while (le) {

		struct ami_request *req = le->data;

		if (req->deadline > s->now) {
			le = le->next;
			continue;
		}

		done(req, ETIMEDOUT, NULL, "Asterisk does not answer: it may"
		     " have been done");

		/* whoever was told may have changed the list */
		le = list_head(&s->requests);
	}
}


/**
 * When the next one of them is late
 *
 * @param s Session
 *
 * @return Time [ms], 0=never
 */
uint64_t ami_request_next(const struct ami_session *s)
{
	uint64_t next = 0;
	struct le *le;

	LIST_FOREACH(&s->requests, le) {

		const struct ami_request *req = le->data;

		if (!next || req->deadline < next)
			next = req->deadline;
	}

	return next;
}


/**
 * The connection is gone, and with it the answers
 *
 * @param s Session, closed
 */
void ami_request_lost(struct ami_session *s)
{
	struct le *le;

	while ((le = list_head(&s->requests))) {
		done(le->data, ENOTCONN, NULL, "the connection with Asterisk "
		     "was lost: it may have been done");
	}
}
