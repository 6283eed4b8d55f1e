/**
 * @file config/config_calls.c  The configuration keys of calls
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "audio/sound.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"
#include "users.h"


/* A time that is not so short that a pause looks like the end */
static int check_timeout(struct bridge_config *cfg,
			 const struct cfg_val *val)
{
	const uint32_t v = pl_u32(&val->pl);
	(void)cfg;

	return !v || v >= 10 ? 0 :
		cfg_bad(val, "0, or a number from 10 to 86400");
}


/* It is looked at once a second, and a codec's turn may be each fourth */
static int check_dead_air(struct bridge_config *cfg,
			  const struct cfg_val *val)
{
	const uint32_t v = pl_u32(&val->pl);
	(void)cfg;

	return !v || v >= 6 ? 0 : cfg_bad(val, "0, or a number from 6 to 600");
}


/* One of those that mean "no" to a caller, and no failure */
static int read_reject_code(struct bridge_config *cfg,
			    const struct cfg_val *val)
{
	const uint32_t code = pl_u32(&val->pl);

	if (val->pl.l != 3 || (code != 486 && code != 480 && code != 603))
		return cfg_bad(val, "486, 480 or 603");

	cfg->reject_code = (uint16_t)code;

	return 0;
}


/* Busy is what callers hear of; the other one sends them to voicemail at once
   with some servers */
static int read_dnd_code(struct bridge_config *cfg, const struct cfg_val *val)
{
	const uint32_t code = pl_u32(&val->pl);

	if (val->pl.l != 3 || (code != 486 && code != 480))
		return cfg_bad(val, "486 or 480");

	cfg->dnd_code = (uint16_t)code;

	return 0;
}


/* A path is looked at later: a bridge without its music is better than none */
static int check_music(struct bridge_config *cfg, const struct cfg_val *val)
{
	const char *music = cfg->hold_music;
	const int err = cfg_note_at(&cfg->hold_music_at, val);

	if (err)
		return err;

	if (!str_casecmp(music, "tone") || !str_casecmp(music, "silence") ||
	    strchr(music, '/') || !access(music, R_OK))
		return 0;

	return cfg_wrong(val, EINVAL, "tone, silence, or a file; cannot read"
			 " %s: %m", music, errno);
}


static int check_forward(struct bridge_config *cfg,
			 const struct cfg_val *val)
{
	(void)cfg;

	return users_is_forward(&val->pl) ? 0 :
		cfg_bad(val, "a SIP URI, a number or none");
}


/* No sound is the phone's own ringing tone; a path is looked at later */
static int read_ringback(struct bridge_config *cfg,
			 const struct cfg_val *val)
{
	struct sound_part partv[SOUND_PART_MAX];
	size_t n;

	if (!pl_strcasecmp(&val->pl, "no")) {
		cfg->ringback = mem_deref(cfg->ringback);
		return 0;
	}

	if (val->pl.l && val->pl.p[0] != '/' &&
	    sound_spec_parse(partv, &n, &val->pl))
		return cfg_bad(val, "no, a tone as 425:1000/4000, or the"
			       " path of a file");

	return cfg_note_at(&cfg->ringback_at, val);
}


static const struct cfg_key keyv[] = {

	/* [s] */
	{"connectycube_ring_time", CFG_U32, CFG_AT(ring_time),
	 .dflt = "60", .min = 5, .max = 600},

	/* [s], 0=as long as it takes */
	{"connectycube_call_max", CFG_U32, CFG_AT(call_max),
	 .dflt = "0", .min = 0, .max = 86400, .h = check_timeout},

	/* [s], 0=calls end at once */
	{"connectycube_drain_time", CFG_U32, CFG_AT(drain_time),
	 .dflt = "0", .min = 0, .max = 86400},

	/* "refuse" is no, "unregister" is yes */
	{"connectycube_drain_sip", CFG_WORD, CFG_AT(drain_unregister),
	 .dflt = "refuse", .words = "refuse|unregister"},

	/* [s], 0=never */
	{"connectycube_rejoin", CFG_U32, CFG_AT(rejoin),
	 .dflt = "0", .min = 0, .max = 300},

	/* 0=unlimited */
	{"connectycube_max_calls", CFG_U32, CFG_AT(max_calls),
	 .dflt = "16", .min = 0, .max = 1000},

	/* [%] of them, for either side */
	{"connectycube_reserved_calls", CFG_U32, CFG_AT(reserved_calls),
	 .dflt = "25", .min = 0, .max = 50},

	/* of one cloud user, 0=unlimited; and a minute, 0=unlimited */
	{"connectycube_caller_calls", CFG_U32, CFG_AT(caller_calls),
	 .dflt = "2", .min = 0, .max = 1000},
	{"connectycube_caller_rate", CFG_U32, CFG_AT(caller_rate),
	 .dflt = "60", .min = 0, .max = 60000},

	/* heard by phones while an app rings */
	{"connectycube_ringback", CFG_STR, CFG_AT(ringback), .dflt = "no",
	 .h = read_ringback},

	/* "ring" is no, "accept" is yes */
	{"connectycube_early_media", CFG_WORD, CFG_AT(early_media),
	 .dflt = "ring", .words = "ring|accept"},

	/* a file, or one of two words */
	{"connectycube_hold_music", CFG_STR, CFG_AT(hold_music),
	 .dflt = "tone", .h = check_music},
	{"connectycube_hold_phone_music", CFG_BOOL, CFG_AT(hold_own),
	 .dflt = "yes"},

	/* of lines of the users file that have none */
	{"connectycube_department", CFG_STR, CFG_AT(department)},

	/* in the order of enum messages */
	{"connectycube_messages", CFG_WORD, CFG_AT(messages),
	 .dflt = "both", .words = "no|to-app|to-phone|both"},
	{"connectycube_message_failed", CFG_WORD, CFG_AT(message_notes),
	 .dflt = "chat", .words = "log|chat"},
	{"connectycube_missed", CFG_WORD, CFG_AT(missed),
	 .dflt = "no", .words = "no|chat"},
	{"connectycube_notes", CFG_WORD, CFG_AT(notes_pt),
	 .dflt = "en", .words = "en|pt"},

	/* who does those that apps order */
	{"connectycube_transfer", CFG_WORD, CFG_AT(transfer),
	 .dflt = "bridge", .words = "bridge|pbx|no"},

	{"connectycube_reject_code", CFG_OTHER, .dflt = "486",
	 .h = read_reject_code},

	/* users who are not to be disturbed, or in a call */
	{"connectycube_dnd_code", CFG_OTHER, .dflt = "486",
	 .h = read_dnd_code},
	{"connectycube_call_waiting", CFG_BOOL, CFG_AT(call_waiting),
	 .dflt = "yes"},

	/* calls that nobody takes */
	{"connectycube_forward_busy", CFG_STR,
	 CFG_AT(forwardv[FORWARD_BUSY]), .h = check_forward},
	{"connectycube_forward_no_answer", CFG_STR,
	 CFG_AT(forwardv[FORWARD_NO_ANSWER]), .h = check_forward},
	{"connectycube_forward_offline", CFG_STR,
	 CFG_AT(forwardv[FORWARD_OFFLINE]), .h = check_forward},

	{"connectycube_codec_policy", CFG_WORD, CFG_AT(policy),
	 .dflt = "opus", .words = "opus|relay"},

	{"connectycube_opus_complexity", CFG_U32, CFG_AT(complexity),
	 .dflt = "2", .min = 0, .max = 10},

	/* [s], 0=never */
	{"connectycube_rtp_timeout_sip", CFG_U32, CFG_AT(timeout_sip),
	 .dflt = "0", .min = 0, .max = 86400, .h = check_timeout},
	{"connectycube_rtp_timeout_app", CFG_U32, CFG_AT(timeout_app),
	 .dflt = "0", .min = 0, .max = 86400, .h = check_timeout},

	/* [s], 0=never; [-dBov]; in the order of enum dead_air_action */
	{"connectycube_dead_air_time", CFG_U32, CFG_AT(dead_air),
	 .dflt = "20", .min = 0, .max = 600, .h = check_dead_air},
	{"connectycube_dead_air_level", CFG_U32, CFG_AT(dead_air_level),
	 .dflt = "60", .min = 20, .max = 120},
	{"connectycube_dead_air_action", CFG_WORD, CFG_AT(dead_air_action),
	 .dflt = "none", .words = "none|reinvite|ice_restart|both"},
};

const struct cfg_area config_calls = {keyv, ARRAY_SIZE(keyv), NULL};
