/**
 * @file call/host/observe.c  The table that observers find
 */
#include <re.h>
#include "base/version.h"
#include "base/mono.h"
#include "base/wire.h"
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/control.h"
#include "audio/audio.h"
#include "audio/sound.h"
#include "audio/soundfile.h"
#include "video/video.h"
#include "config/config.h"
#include "call/await.h"
#include "call/ending.h"
#include "call/event.h"
#include "call/raise.h"
#include "call/snapshot.h"
#include "call/bridge.h"
#include "call/call.h"
#include "call/command.h"
#include "call/mode.h"
#include "call/tap.h"
#include "observe.h"


static int tap(struct call_tap **tapp, uint32_t call,
	       const struct tap_handlers *h, void *arg)
{
	struct bcall *bc = bridge_find_call(call);

	return bc ? bcall_tap(tapp, bc, h, arg) : ENOENT;
}


static int find_only(struct bcall **bcp)
{
	struct le *lee, *le;

	*bcp = NULL;

	for (lee = list_head(bridge_exts()); lee; lee = lee->next) {

		const struct ext *ext = lee->data;

		for (le = ext->calll.head; le; le = le->next) {

			if (*bcp)
				return E2BIG;
			*bcp = le->data;
		}
	}

	return *bcp ? 0 : ENOENT;
}


static int describe(struct event *ev, uint32_t call)
{
	struct bcall *bc = NULL;
	int err = 0;

	if (!ev)
		return EINVAL;

	if (call)
		bc = bridge_find_call(call);
	else
		err = find_only(&bc);
	if (err)
		return err;
	if (!bc)
		return ENOENT;

	raise_describe(ev, bc);

	return 0;
}


static void record(uint32_t call, const struct event_progress *p)
{
	if (p)
		raise_record(bridge_find_call(call), call, p);
}


static int live_state(struct mbuf *mb)
{
	struct snapshot *snap;
	int err;

	err = snapshot_take_exts(&snap);
	if (err)
		return err;

	err = mbuf_printf(mb, "\"version\":\"%H\",\"mode\":\"%s\","
			  "\"draining\":%s,\"extensions\":[",
			  utf8_encode, build_version(), mode_name(),
			  bridge_is_draining() ? "true" : "false");
	if (!err)
		err = live_print_exts(mb, snap, wall_us() / 1000);
	if (!err)
		err = mbuf_write_str(mb, "]");
	if (!err)
		err = live_parts_print(mb);
	mem_deref(snap);

	return err;
}


static int live_calls(struct mbuf *mb, uint32_t *after, size_t most,
		      size_t *np)
{
	struct snapshot *snap;
	int err;

	err = snapshot_take_calls(&snap, *after, most);
	if (err)
		return err;

	err = live_print_calls(mb, snap, wall_us() / 1000, after, np);
	mem_deref(snap);

	return err;
}


static int quality(uint32_t call, event_h *h, void *arg)
{
	const struct bcall *bc = bridge_find_call(call);
	struct event ev;
	struct le *le;

	if (!bc || !bc->t_estab)
		return ENOENT;

	for (le = bc->legl.head; le; le = le->next) {

		raise_describe_quality(&ev, bc, le->data);
		ev.mono = mono_ms();
		ev.wall = wall_us() / 1000;
		h(&ev, arg);
	}

	return 0;
}


extern const struct observe connectycube_observe;

__attribute__((visibility("default")))
const struct observe connectycube_observe = {
	.version    = OBSERVE_VERSION,
	.size       = sizeof(connectycube_observe),
	.event_size = sizeof(struct event),
	.subscribe  = event_subscribe,
	.event_json = event_json,
	.wire_subscribe = wire_subscribe,
	.wire_tell  = wire_tell,
	.tap        = tap,
	.describe   = describe,
	.record     = record,

	.action        = steer_action,
	.control_value = control_value,
	.answer        = steer_answer,
	.keys          = steer_keys,
	.get_call      = steer_get_call,
	.sound_file    = soundfile_alloc,
	.sound_spec    = sound_spec,
	.play          = steer_play,
	.tell_app      = steer_tell_app,
	.tell_phone    = steer_tell_phone,

	.command       = command_run,
	.command_word  = command_word,
	.commands      = command_register,

	.live_state    = live_state,
	.live_calls    = live_calls,

	.quality       = quality,
	.live_part     = live_part_add,
	.ending        = ending_add,

	.ami_extensions = amiext_apply,
	.ami_extension  = amiext_find,
	.ami_rings      = amiext_rings,
	.pbx           = raise_pbx,

	.await         = await_begin,
	.await_end     = await_end,

	.ami_attach     = mode_attach,
	.ami_tell       = mode_tell,
	.has_sip        = mode_has_sip,

	.tell_user      = steer_tell_user,

	.await_accept   = await_accept,
	.await_reject   = await_reject,
};
