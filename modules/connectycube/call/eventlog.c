/**
 * @file call/eventlog.c  What happens, in the log: a line an event
 *
 * What the room below has said already, in more detail, is left to those who
 * look for it.
 */
#include <re.h>
#include "base/log.h"
#include "call/event.h"


static struct event_sub *sub;


static enum clog_level level(const struct event *ev)
{
	switch (ev->type) {

	case EVENT_CLOUD_OFFLINE:
		/* without a reason it is our own doing */
		if (!ev->link.text[0])
			return CLOG_DEBUG;
		/*@fallthrough@*/

	case EVENT_CLOUD_REFUSED:
		return ev->link.again ? CLOG_DEBUG : CLOG_WARN;

	case EVENT_MEDIA_FAILED:
	case EVENT_MEDIA_DEAD_AIR:
	case EVENT_MEDIA_ONE_WAY:
	case EVENT_SECURITY_CALLER:
		return CLOG_WARN;

	case EVENT_FLIGHT:
		return ev->progress.text[0] ? CLOG_WARN : CLOG_INFO;

	case EVENT_KEYS:
		return ev->keys.lost ? CLOG_INFO : CLOG_DEBUG;

	/* told by sip/regcli.c */
	case EVENT_REG_OK:
	case EVENT_REG_FAILED:
	/* told as what follows from it */
	case EVENT_SECURITY_USER:
	case EVENT_SECURITY_PASSWORD:
	case EVENT_REG_GONE:
	case EVENT_CLOUD_TRYING:
	case EVENT_LEG_ENDED:
	/* between what begins and what ends */
	case EVENT_PBX_RINGING:
	case EVENT_PBX_BRIDGED:
	case EVENT_PBX_UNBRIDGED:
	case EVENT_PBX_HELD:
	case EVENT_PBX_RESUMED:
		return CLOG_DEBUG;

	default:
		return CLOG_INFO;
	}
}


static enum clog_area area(const struct event *ev)
{
	switch (1 << (ev->type >> 4)) {

	case EVENT_REG:
		return CLOG_SIP;

	case EVENT_CLOUD:
	case EVENT_PUSHES:
		return CLOG_CLOUD;

	case EVENT_MEDIA:
		/* it is what makes a call established */
		return ev->type == EVENT_MEDIA_UP ? CLOG_BRIDGE : CLOG_MEDIA;

	case EVENT_QUALITIES:
		return CLOG_MEDIA;

	case EVENT_SECURITY:
		return ev->type == EVENT_SECURITY_CALLER ? CLOG_SIP :
			CLOG_BRIDGE;

	default:
		return CLOG_BRIDGE;
	}
}


static void event_handler(const struct event *ev, void *arg)
{
	(void)arg;

	clog_event(level(ev), area(ev), ev, "%H\n", event_print_text, ev);
}


/**
 * Start to write down what happens
 *
 * @return 0 if success, otherwise errorcode
 */
int eventlog_init(void)
{
	return event_subscribe(&sub, EVENT_ALL, event_handler, NULL);
}


/**
 * Undo eventlog_init()
 */
void eventlog_close(void)
{
	sub = mem_deref(sub);
}
