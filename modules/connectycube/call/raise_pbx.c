/**
 * @file call/raise_pbx.c  Events of channels of the PBX
 *
 * Who has a link to the PBX's manager tells of them (observe.h).
 */
#include <re.h>
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "call/event.h"
#include "call/raise.h"


/**
 * Something has become of a channel of the PBX
 *
 * @param type What, EVENT_PBX_...
 * @param ext  SIP address of the extension whose channel it is
 * @param pbx  Channel, as it is now; its text may be anything
 */
void raise_pbx(enum event_type type, const char *ext,
	       const struct event_pbx *pbx)
{
	struct event ev;

	if (!pbx || !event_wanted(EVENT_PBX))
		return;

	event_init(&ev, type);
	event_copy_str(ev.ext, sizeof(ev.ext), ext);

#define COPY(member) \
	event_copy_str(ev.pbx.member, sizeof(ev.pbx.member), pbx->member)

	COPY(channel);
	COPY(id);
	COPY(linked);
	COPY(state);
	COPY(number);
	COPY(name);
	COPY(peer_number);
	COPY(peer_name);
	COPY(context);
	COPY(exten);
	COPY(bridge);
	COPY(target);
	COPY(text);
#undef COPY

	ev.pbx.attended = pbx->attended;
	ev.pbx.cause    = pbx->cause;
	ev.pbx.t_start  = pbx->t_start;
	ev.pbx.record   = pbx->record;
	ev.pbx.account  = pbx->account;
	ev.pbx.by       = pbx->by;
	ev.pbx.unseen   = pbx->unseen;
	ev.pbx.t_seen   = pbx->t_seen;
	event_raise(&ev);
}
