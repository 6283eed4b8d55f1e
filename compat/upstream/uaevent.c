/**
 * @file compat/upstream/uaevent.c  Events of baresip 4.x as 1.1 has them
 *
 *   bevent --> relay --> those who asked for events, in their order
 *
 * Whom an event of 4.x is about is asked of the event. A call that comes is
 * an event there before there is a call, for a module to take or to refuse:
 * 1.1 takes them all, and so is done here (who is refused was screened by
 * sip/request.c before).
 */
#include <re.h>
#include <baresip.h>


/** One who asked for events */
struct listener {
	struct le le;
	ua_event_h *h;
	void *arg;
};

static struct list listenerl;


static void take_call(struct bevent *event)
{
	const struct sip_msg *msg = bevent_get_msg(event);
	struct ua *ua = uag_find_msg(msg);

	if (!ua)
		return;

	bevent_stop(event);
	(void)ua_accept(ua, msg);
}


/* A call whose media are not in the directions that 4.x believes gets a
   re-INVITE, soon after it is there: one that is answered without video */
static void settle_video(struct call *call)
{
	enum sdp_dir adir, vdir;

	if (call_video(call))
		return;

	call_get_media_estdir(call, &adir, &vdir);
	call_set_media_estdir(call, adir, SDP_INACTIVE);
}


static void relay(enum bevent_ev ev, struct bevent *event, void *arg)
{
	struct ua *ua = bevent_get_ua(event);
	struct call *call = bevent_get_call(event);
	struct le *le, *next;
	(void)arg;

	if (ev == BEVENT_SIPSESS_CONN) {
		take_call(event);
		return;
	}

	if (ev == BEVENT_CALL_ESTABLISHED)
		settle_video(call);

	for (le = list_head(&listenerl); le; le = next) {

		const struct listener *l = le->data;

		next = le->next;
		l->h(ua, (enum ua_event)ev, call, bevent_get_text(event),
		     l->arg);
	}
}


static void destructor(void *data)
{
	struct listener *l = data;

	list_unlink(&l->le);
}


/**
 * Be told of events
 *
 * @param eh  Handler; may end no other one's
 * @param arg Handler argument
 *
 * @return 0 if success, otherwise errorcode
 */
int uag_event_register(ua_event_h *eh, void *arg)
{
	const bool first = list_isempty(&listenerl);
	struct listener *l;
	int err = 0;

	l = mem_zalloc(sizeof(*l), destructor);
	if (!l)
		return ENOMEM;

	l->h   = eh;
	l->arg = arg;
	list_append(&listenerl, &l->le, l);

	if (first)
		err = bevent_register(relay, NULL);
	if (err)
		mem_deref(l);

	return err;
}


/**
 * Be told of events no more
 *
 * @param eh Handler
 */
void uag_event_unregister(ua_event_h *eh)
{
	struct le *le;

	for (le = list_head(&listenerl); le; le = le->next) {

		struct listener *l = le->data;

		if (l->h == eh) {
			mem_deref(l);
			break;
		}
	}

	if (list_isempty(&listenerl))
		bevent_unregister(relay);
}
