/**
 * @file call/host/notice.c  Apps are told of who waits, and answer, by message
 *
 * See call/leg_notice.h: which extension it is, and what is configured.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/config.h"
#include "config/users.h"
#include "call/event.h"
#include "call/legmedia.h"
#include "call/leg.h"
#include "call/call.h"
#include "call/bridge.h"
#include "call/messages.h"
#include "call/await.h"
#include "call/leg_notice.h"


/**
 * Ring users by message: a new leg of the call
 *
 * @param bc  Call, whose caller waits at a PBX
 * @param idv User ids
 * @param idc Number of user ids
 *
 * @return 0 if success, otherwise errorcode
 */
int notice_ring(struct bcall *bc, const char *const *idv, size_t idc)
{
	const struct user_map *map = bc->ext->map;
	const struct notice_prm prm = {
		.cube = bc->ext->cube, .idv = idv, .idc = idc,
		.name = map->name, .department = map->department,
		.reject_code = bridge_config()->reject_code,
		.declinedh   = missed_declined,
	};

	return notice_connect(bc, &prm);
}


static struct notice_reply reply(const struct steer_ask *ask,
				 const char *call)
{
	return (struct notice_reply){
		.ext = bridge_find(ask->ext), .user = ask->user,
		.jid = ask->ctl->from, .call = call
	};
}


/**
 * An app accepts the call of somebody who waits, of which it was told by
 * message
 *
 * @param ask     What it asks
 * @param call    Which call, as it was told
 * @param number  Number at which its user wants to talk, NULL=it does not say
 * @param reasonp Set to why it is refused
 *
 * @return 0 if success, otherwise as of notice_answer()
 */
int await_accept(const struct steer_ask *ask, const char *call,
		 const char *number, const char **reasonp)
{
	struct notice_reply r = reply(ask, call);

	r.number = number;

	return notice_answer(&r, reasonp);
}


/**
 * An app does not want the call of somebody who waits, of which it was told by
 * message
 *
 * @param ask     What it asks
 * @param call    Which call, as it was told
 * @param busy    Its user is busy
 * @param reasonp Set to why it is refused
 *
 * @return 0 if success, otherwise as of notice_reject()
 */
int await_reject(const struct steer_ask *ask, const char *call, bool busy,
		 const char **reasonp)
{
	struct notice_reply r = reply(ask, call);

	r.busy = busy;

	return notice_reject(&r, reasonp);
}
