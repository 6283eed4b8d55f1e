/**
 * @file bridge/call.c  One bridged call: its states and its two legs
 *
 *   SIP calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                INVITE  `call`     180        accept/200  DTLS up
 *   app calls:   IDLE -> CALLING -> RINGING -> ANSWERED -> ESTABLISHED
 *                `call`  INVITE     18x        200/accept  DTLS up
 *
 * Either leg's end ends the other; what one side is told about the other
 * stands in policy.c.
 */
#include <string.h>
#include <re.h>
#include <baresip.h>
#include "peer/peer.h"
#include "cube/cube.h"
#include "media/media.h"
#include "sip/sip.h"
#include "config.h"
#include "bridge/users.h"
#include "bridge/policy.h"
#include "bridge/bridge.h"


static uint32_t last_id;


/**
 * Name a state
 *
 * @param state State
 *
 * @return Name
 */
const char *bcall_state_name(enum bcall_state state)
{
	switch (state) {

	case BCALL_IDLE:        return "IDLE";
	case BCALL_CALLING:     return "CALLING";
	case BCALL_RINGING:     return "RINGING";
	case BCALL_ANSWERED:    return "ANSWERED";
	case BCALL_ESTABLISHED: return "ESTABLISHED";
	case BCALL_CLOSED:      return "CLOSED";
	default:                return "?";
	}
}


static void set_state(struct bcall *bc, enum bcall_state state)
{
	if (bc->state == state)
		return;

	info("connectycube: call %u: %s -> %s\n", bc->id,
	     bcall_state_name(bc->state), bcall_state_name(state));

	bc->state = state;
}


static bool answered(const struct bcall *bc)
{
	return bc->state == BCALL_ANSWERED || bc->state == BCALL_ESTABLISHED;
}


static void destructor(void *data)
{
	struct bcall *bc = data;

	list_unlink(&bc->le);
	tmr_cancel(&bc->tmr);

	/* the ends before what they feed */
	mem_deref(bc->leg);
	mem_deref(bc->cube);
	mem_deref(bc->audio);
}


static int bcall_alloc(struct bcall **bcp, struct ext *ext, bool from_app)
{
	struct bcall *bc;
	int err;

	bc = mem_zalloc(sizeof(*bc), destructor);
	if (!bc)
		return ENOMEM;

	err = audio_pair_alloc(&bc->audio, bridge_codecs());
	if (err) {
		mem_deref(bc);
		return err;
	}

	audio_pair_set_key_handler(bc->audio, bcall_media_key, bc);
	bc->ext      = ext;
	bc->from_app = from_app;
	bc->id       = ++last_id;
	bc->t_start  = tmr_jiffies();
	list_append(&ext->calll, &bc->le, bc);

	*bcp = bc;

	return 0;
}


/* Both legs have been told; nothing happens on this call any more */
static void bcall_close(struct bcall *bc, const char *why)
{
	set_state(bc, BCALL_CLOSED);
	info("connectycube: call %u: ended: %s\n", bc->id, why);

	mem_deref(bc);
}


static void refuse_app(struct cube_call *call, uint16_t scode,
		       const char *reason)
{
	struct policy_reject rej;
	struct cube_info infov[3];
	char code[8];
	size_t n = 0;

	policy_reject(&rej, scode, reason);
	(void)re_snprintf(code, sizeof(code), "%u", rej.code);

	if (rej.busy)
		infov[n++] = (struct cube_info){"busy", "true"};

	infov[n++] = (struct cube_info){"sip_code", code};
	infov[n++] = (struct cube_info){"reason", rej.reason};

	cube_call_reject(call, infov, n);
}


/* A caller that still waits is rejected, anybody else hung up on */
static void end_app(struct bcall *bc, uint16_t scode, const char *reason)
{
	audio_pair_close(bc->audio);

	if (bc->from_app && !answered(bc))
		refuse_app(bc->cube, scode, reason);
	else
		cube_call_hangup(bc->cube, NULL, 0);
}


static void end_sip(struct bcall *bc, uint16_t scode)
{
	audio_pair_close(bc->audio);

	sipleg_end(bc->leg, scode,
		   scode == 503 ? cube_retry_after(bc->ext->cube) : 0);
}


static void end_both(struct bcall *bc, uint16_t scode, const char *why)
{
	end_app(bc, scode, why);
	end_sip(bc, scode);
	bcall_close(bc, why);
}


static void ring_timeout(void *arg)
{
	end_both(arg, 480, "No answer");
}


static void start_ringing(struct bcall *bc)
{
	tmr_start(&bc->tmr, bridge_config()->ring_time * 1000, ring_timeout,
		  bc);
	set_state(bc, BCALL_CALLING);
}


static void set_answered(struct bcall *bc)
{
	tmr_cancel(&bc->tmr);
	bc->t_answer = tmr_jiffies();
	set_state(bc, BCALL_ANSWERED);
}


/* --- the SIP leg ---------------------------------------------------------- */

static void sip_close_handler(uint16_t scode, const char *reason, void *arg)
{
	struct bcall *bc = arg;
	char why[128];

	(void)re_snprintf(why, sizeof(why), "SIP: %u %s", scode, reason);

	end_app(bc, scode, reason);
	bcall_close(bc, why);
}


static void sip_ringing_handler(void *arg)
{
	struct bcall *bc = arg;

	if (bc->state == BCALL_CALLING)
		set_state(bc, BCALL_RINGING);
}


static void sip_media_handler(const struct sipleg_audio *au, void *arg)
{
	struct bcall *bc = arg;
	(void)au;

	if (!bcall_audio_update(bc))
		return;

	warning("connectycube: call %u: audio: cannot be bridged\n", bc->id);
}


/* 200 from the phone: tell the app */
static void accept_app(struct bcall *bc)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;
	int err;

	prm.fmtv  = fmtv;
	prm.fmtc  = policy_offer(fmtv, bridge_config()->policy,
				 sipleg_audio(bc->leg));
	prm.ptime = 0;

	set_answered(bc);

	err = cube_call_accept(bc->cube, &prm, NULL, NULL, 0);
	if (!err)
		err = bcall_audio_update(bc);

	if (err)
		end_both(bc, 488, "cannot accept the app's call");
}


static void sip_estab_handler(void *arg)
{
	struct bcall *bc = arg;

	tmr_cancel(&bc->tmr);

	/* an answer without any codec that was offered */
	if (!policy_sip_tx(sipleg_audio(bc->leg), NULL)) {
		end_both(bc, 488, "no codec in common with the phone");
		return;
	}

	if (bc->from_app && !answered(bc))
		accept_app(bc);
	else
		(void)bcall_audio_update(bc);
}


static const struct sipleg_handlers sip_handlers = {
	.ringingh = sip_ringing_handler,
	.mediah   = sip_media_handler,
	.estabh   = sip_estab_handler,
	.rtph     = bcall_sip_rtp,
	.rtcph    = bcall_sip_rtcp,
	.keyh     = bcall_sip_key,
	.closeh   = sip_close_handler,
};


/* --- the cloud leg -------------------------------------------------------- */

static void cube_ringing_handler(void *arg)
{
	struct bcall *bc = arg;
	int err;

	if (bc->state != BCALL_CALLING)
		return;

	set_state(bc, BCALL_RINGING);

	err = bc->leg ? sipleg_ring(bc->leg) : 0;
	if (err)
		end_both(bc, 500, "SIP: cannot ring");
}


static int connect_sip(struct bcall *bc, const char *number);


static void cube_answer_handler(const char *jid, void *arg)
{
	struct bcall *bc = arg;
	const struct peer_fmt *fmt;
	int err;

	info("connectycube: call %u: accepted by %s\n", bc->id, jid);

	set_answered(bc);

	/* called from the console: now the phone */
	if (!bc->leg) {
		tmr_start(&bc->tmr, bridge_config()->ring_time * 1000,
			  ring_timeout, bc);
		if (connect_sip(bc, NULL))
			end_both(bc, 500, "cannot dial");
		return;
	}

	fmt = policy_cube_tx(peer_media(cube_call_peer(bc->cube),
					PEER_AUDIO));
	if (!fmt) {
		end_both(bc, 488, "no codec in common with the app");
		return;
	}

	err = sipleg_answer(bc->leg, fmt->name, fmt->crate);
	if (err)
		end_both(bc, 500, "SIP: cannot answer");
}


static void cube_estab_handler(void *arg)
{
	struct bcall *bc = arg;

	bc->t_estab = tmr_jiffies();
	set_state(bc, BCALL_ESTABLISHED);
}


static void cube_path_handler(bool lost, void *arg)
{
	struct bcall *bc = arg;

	bc->lost = lost;
	info("connectycube: call %u: media path to the app %s\n", bc->id,
	     lost ? "lost" : "is back");
}


static void cube_close_handler(enum cube_end end, const char *reason,
			       const struct cube_info *infov, size_t infoc,
			       void *arg)
{
	struct bcall *bc = arg;
	char why[128];
	(void)infov;
	(void)infoc;

	(void)re_snprintf(why, sizeof(why), "app: %s", reason);

	end_sip(bc, policy_scode(end));
	bcall_close(bc, why);
}


static const struct cube_call_handlers cube_handlers = {
	.ringingh = cube_ringing_handler,
	.answerh  = cube_answer_handler,
	.estabh   = cube_estab_handler,
	.pathh    = cube_path_handler,
	.updateh  = bcall_cube_update,
	.rtph     = bcall_cube_rtp,
	.rtcph    = bcall_cube_rtcp,
	.closeh   = cube_close_handler,
};


static int connect_cube(struct bcall *bc, const char *const *idv, size_t idc,
			const char *name, const char *number,
			const char *uri, const struct sipleg_audio *au)
{
	const struct user_map *map = bc->ext->map;
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;
	struct cube_info infov[5] = {
		{"name",      name},
		{"number",    number},
		{"uri",       uri},
		{"extension", map->name},
	};
	size_t infoc = 4;

	if (map->department)
		infov[infoc++] = (struct cube_info){"department",
			map->department};

	prm.fmtv  = fmtv;
	prm.fmtc  = policy_offer(fmtv, bridge_config()->policy, au);
	prm.ptime = 0;

	return cube_call_connect(&bc->cube, bc->ext->cube, idv, idc,
				 CUBE_CALL_AUDIO, &prm, NULL, infov, infoc,
				 &cube_handlers, bc);
}


static bool cube_is_up(const struct ext *ext)
{
	return cube_state(ext->cube) == CUBE_ONLINE;
}


/**
 * A phone calls: ring the extension's cloud users
 *
 * @param ext Extension
 * @param leg SIP leg, taken over
 */
void bcall_from_sip(struct ext *ext, struct sipleg *leg)
{
	const char *name = sipleg_peer_name(leg);
	struct bcall *bc;
	uint16_t scode = 0;

	if (bridge_full())
		scode = 486;
	else if (!ext->map->callc)
		scode = 404;
	else if (!cube_is_up(ext))
		scode = 503;

	if (!scode && bcall_alloc(&bc, ext, false))
		scode = 500;

	if (scode) {
		sipleg_end(leg, scode,
			   scode == 503 ? cube_retry_after(ext->cube) : 0);
		mem_deref(leg);
		return;
	}

	bc->leg = leg;
	sipleg_set_handlers(leg, &sip_handlers, bc);
	start_ringing(bc);

	if (!str_isset(name))
		name = sipleg_peer_user(leg);

	if (connect_cube(bc, (const char *const *)ext->map->callv,
			 ext->map->callc, name, sipleg_peer_user(leg),
			 sipleg_peer_uri(leg), sipleg_audio(leg))) {
		end_sip(bc, 503);
		bcall_close(bc, "cloud: cannot call");
	}
}


/* "sip:number@domain" of the extension's account */
static int complete(char **urip, const struct ext *ext, const char *number)
{
	const struct uri *luri = account_luri(ua_account(ext->ua));

	if (strchr(number, ':'))
		return str_dup(urip, number);

	if (luri->port)
		return re_sdprintf(urip, "sip:%s@%r:%u", number, &luri->host,
				   luri->port);

	return re_sdprintf(urip, "sip:%s@%r", number, &luri->host);
}


static int connect_sip(struct bcall *bc, const char *number)
{
	char *uri = NULL;
	int err;

	err = complete(&uri, bc->ext, number ? number : bc->ext->map->dial);
	if (err)
		return err;

	info("connectycube: call %u: dialling %s\n", bc->id, uri);

	err = sipleg_connect(&bc->leg, bc->ext->ua, uri, &sip_handlers, bc);
	mem_deref(uri);

	return err;
}


/* The number that the app asks for, if it may: else why not */
static uint16_t dial_number(const char **numberp, const struct ext *ext,
			    const struct cube_call *call)
{
	const char *number = cube_call_info(call, "dial");

	*numberp = NULL;

	if (!str_isset(number))
		return str_isset(ext->map->dial) ? 0 : 404;

	if (!users_dialable(ext->map->dialable, number))
		return 403;

	*numberp = number;

	return 0;
}


static uint16_t prepare(struct cube_call *call)
{
	struct peer_fmt fmtv[POLICY_FMT_MAX];
	struct peer_media_prm prm;

	prm.fmtv  = fmtv;
	prm.fmtc  = policy_offer(fmtv, bridge_config()->policy, NULL);
	prm.ptime = 0;

	if (cube_call_prepare(call, &prm, NULL))
		return 488;

	return policy_cube_tx(peer_media(cube_call_peer(call), PEER_AUDIO))
		? 0 : 488;
}


/**
 * An app calls: dial the extension's SIP address, or the number that the app
 * names if it may
 *
 * @param ext  Extension
 * @param call Cloud call, taken over
 */
void bcall_from_app(struct ext *ext, struct cube_call *call)
{
	const char *number;
	struct bcall *bc = NULL;
	uint16_t scode;

	info("connectycube: %s: call from app user %s\n", ext->map->aor,
	     cube_call_user(call));

	scode = bridge_full() ? 486 : dial_number(&number, ext, call);
	if (!scode)
		scode = prepare(call);
	if (!scode && bcall_alloc(&bc, ext, true))
		scode = 500;

	if (scode) {
		info("connectycube: %s: refused: %u %s\n", ext->map->aor,
		     scode, sip_reason(scode));
		refuse_app(call, scode, sip_reason(scode));
		return;         /* never ours: it had no handlers set */
	}

	bc->cube = call;
	cube_call_set_handlers(call, &cube_handlers, bc);
	start_ringing(bc);

	if (connect_sip(bc, number))
		end_both(bc, 500, "cannot dial");
}


/**
 * Call an app from the console and, when it accepts, the extension's phone
 *
 * @param bcp Pointer to the new call, optional
 * @param ext Extension
 * @param id  Cloud user id
 *
 * @return 0 if success, EBUSY too many calls, ENOTCONN cloud down, ENOENT no
 *         dial= address, otherwise errorcode
 */
int bcall_dial(struct bcall **bcp, struct ext *ext, const char *id)
{
	const struct user_map *map;
	struct bcall *bc;
	int err;

	if (!ext || !str_isset(id))
		return EINVAL;

	map = ext->map;

	if (!str_isset(map->dial))
		return ENOENT;
	if (bridge_full())
		return EBUSY;
	if (!cube_is_up(ext))
		return ENOTCONN;

	err = bcall_alloc(&bc, ext, false);
	if (err)
		return err;

	start_ringing(bc);

	err = connect_cube(bc, &id, 1, map->name, map->dial, map->aor, NULL);
	if (err) {
		mem_deref(bc);
		return err;
	}

	if (bcp)
		*bcp = bc;

	return 0;
}


/**
 * End a call on both sides
 *
 * @param bc     Call, freed
 * @param reason Why, for the log
 */
void bcall_hangup(struct bcall *bc, const char *reason)
{
	if (!bc)
		return;

	end_both(bc, 480, reason);
}
