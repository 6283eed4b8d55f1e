/**
 * @file config/config_sip.c  The configuration keys of the SIP side
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "confget.h"
#include "config.h"


static int add_networks(struct allow *al, const struct cfg_val *val)
{
	const int err = allow_add(al, &val->pl);

	if (err == E2BIG)
		return cfg_wrong(val, err, "more than %u networks",
				 ALLOW_MAX);

	return err ? cfg_bad(val, "registrar, any, or addresses and networks"
			     " (192.0.2.7, 10.0.0.0/8)") : 0;
}


static int read_allow(struct bridge_config *cfg, const struct cfg_val *val)
{
	return add_networks(&cfg->sip_allow, val);
}


static int read_trust(struct bridge_config *cfg, const struct cfg_val *val)
{
	return add_networks(&cfg->sip_trust, val);
}


static int read_targets(struct bridge_config *cfg,
			const struct cfg_val *val)
{
	const int err = target_add(&cfg->targets, &val->pl);

	if (err == E2BIG)
		return cfg_wrong(val, err, "more than %u networks, or %u"
				 " names", ALLOW_MAX, TARGET_HOSTS);

	return err ? cfg_bad(val, "domain, any, no, or names, addresses and"
			     " networks (pbx2.example, 192.0.2.7,"
			     " 10.0.0.0/8)") : 0;
}


/* A name as headers have it (RFC 3261, 25.1) */
static int read_trace(struct bridge_config *cfg, const struct cfg_val *val)
{
	static const char more[] = "-.!%*_+`'~";
	size_t i;

	if (!pl_strcasecmp(&val->pl, "no")) {
		cfg->trace_header = mem_deref(cfg->trace_header);
		return 0;
	}

	for (i=0; i<val->pl.l; i++) {

		const char c = val->pl.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (!c || !strchr(more, c)))
			break;
	}

	return val->pl.l && i == val->pl.l ? 0 :
		cfg_bad(val, "no, or the name of a header (traceparent,"
			" X-Trace-ID)");
}


static const struct cfg_key keyv[] = {

	/* whoever else may ring; the registrar may */
	{"connectycube_sip_allow", CFG_OTHER, .dflt = "registrar",
	 .h = read_allow, .many = true},

	/* whoever else is believed when it says who calls */
	{"connectycube_sip_trust", CFG_OTHER, .dflt = "registrar",
	 .h = read_trust, .many = true},

	/* in the order of enum sip_identity */
	{"connectycube_sip_identity", CFG_WORD, CFG_AT(identity),
	 .dflt = "name", .words = "none|name|from|pai|rpid"},

	/* certificates of SIP servers over TLS */
	{"connectycube_sip_verify", CFG_BOOL, CFG_AT(sip_verify),
	 .dflt = "yes"},

	/* sessions are refreshed, and end if they are not (RFC 4028) */
	{"connectycube_sip_timer", CFG_BOOL, CFG_AT(sip_timer.on),
	 .dflt = "yes"},

	/* [s]; the other one not above the first */
	{"connectycube_sip_timer_expires", CFG_U32, CFG_AT(sip_timer.expires),
	 .dflt = "1800", .min = 90, .max = 86400},
	{"connectycube_sip_timer_min", CFG_U32, CFG_AT(sip_timer.min),
	 .dflt = "90", .min = 90, .max = 86400},

	/* [s], 0=never */
	{"connectycube_sip_keepalive", CFG_U32, CFG_AT(sip_keepalive),
	 .dflt = "25", .min = 0, .max = 3600},

	/* the contact's address */
	{"connectycube_sip_contact", CFG_WORD, CFG_AT(sip_received),
	 .dflt = "local", .words = "local|received"},

	/* where to calls may be sent on, by 3xx and REFER */
	{"connectycube_redirect", CFG_OTHER, .dflt = "domain",
	 .h = read_targets, .many = true},
	{"connectycube_redirect_max", CFG_U32, CFG_AT(redirect_max),
	 .dflt = "5", .min = 1, .max = 10},
	/* in the order of enum redirect_tell */
	{"connectycube_redirect_tell", CFG_WORD, CFG_AT(redirect_tell),
	 .dflt = "both", .words = "none|diversion|history|both"},

	/* of calls: taken over, and perhaps passed on */
	{"connectycube_trace_header", CFG_STR, CFG_AT(trace_header),
	 .dflt = "traceparent", .h = read_trace},
	{"connectycube_trace_send", CFG_BOOL, CFG_AT(trace_send),
	 .dflt = "no"},

	/* in the order of enum presence_sip */
	{"connectycube_presence_sip", CFG_WORD, CFG_AT(presence_sip),
	 .dflt = "no", .words = "no|watch|publish"},
	{"connectycube_presence_cloud", CFG_BOOL, CFG_AT(presence_cloud),
	 .dflt = "no"},

	/* [s], 0=never */
	{"connectycube_latch_time", CFG_U32, CFG_AT(latch_time),
	 .dflt = "5", .min = 0, .max = 60},
	{"connectycube_rtp_keepalive", CFG_U32, CFG_AT(keepalive),
	 .dflt = "15", .min = 0, .max = 60},

	/* in the order of enum dtmf_sip, enum dtmf_inband */
	{"connectycube_dtmf_sip", CFG_WORD, CFG_AT(dtmf_sip),
	 .dflt = "auto", .words = "auto|rtp|info|info-dtmf"},
	{"connectycube_dtmf_info", CFG_BOOL, CFG_AT(dtmf_info),
	 .dflt = "yes"},
	{"connectycube_dtmf_inband", CFG_WORD, CFG_AT(inband),
	 .dflt = "auto", .words = "auto|yes|no"},
};

const struct cfg_area config_sip = {keyv, ARRAY_SIZE(keyv), NULL};
