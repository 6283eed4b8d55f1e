/**
 * @file connectycube_hub/recording/recconfig.c
 * Configuration of recordings in the hub
 *
 * Pure.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "config/confget.h"
#include "../hub.h"
#include "recname.h"


enum {
	S3_SECRET_MAX = 251,    /**< Longest that is signed with [bytes]   */
	S3_PREFIX_MAX = 512,    /**< Longest before names [bytes]          */
};

#define SMALL  "abcdefghijklmnopqrstuvwxyz"
#define LARGE  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

#define AT(field) CFG_IN(struct hub_config, rec.field)

static const struct cfg_key keyv[] = {

	/* PATH; default: PROFILE/recordings */
	{"connectycube_hub_recordings", CFG_STR, AT(root),
	 .place = "recordings"},

	/* see recname.h */
	{"connectycube_hub_recording_name", CFG_STR, AT(name),
	 .dflt = "%Y/%m/%d/{extension}-{from}-{to}-{time}-{id}"},

	/* to enum hrec_format */
	{"connectycube_hub_recording_format", CFG_WORD, AT(format),
	 .words = "ogg|wav|m4a", .dflt = "ogg"},

	/* to enum hrec_video */
	{"connectycube_hub_recording_video", CFG_WORD, AT(video),
	 .words = "auto|mp4|webm|sound", .dflt = "auto"},

	{"connectycube_hub_recording_side_by_side", CFG_BOOL,
	 AT(side_by_side), .dflt = "no"},

	/* looked for in PATH */
	{"connectycube_hub_recording_program", CFG_STR, AT(program),
	 .dflt = "connectycube-recording"},

	{"connectycube_hub_recording_jobs", CFG_U32, AT(jobs),
	 .dflt = "1", .min = 1, .max = 16},

	/* [s] */
	{"connectycube_hub_recording_time", CFG_U32, AT(time),
	 .dflt = "3600", .min = 1, .max = 86400},

	/* days, 0=for ever */
	{"connectycube_hub_recording_days", CFG_U32, AT(days),
	 .dflt = "0", .min = 0, .max = 36500},

	/* MB or %; default: it may get full */
	{"connectycube_hub_recording_free", CFG_STR, AT(free)},

	{"connectycube_hub_recording_unsent", CFG_BOOL, AT(unsent),
	 .dflt = "no"},

	{"connectycube_hub_recording_bad_days", CFG_U32, AT(bad_days),
	 .dflt = "30", .min = 0, .max = 36500},

	/* PATH of a certificate (PEM); default: none */
	{"connectycube_hub_recording_encrypt", CFG_STR, AT(cert)},

	/* URL; default: none */
	{"connectycube_hub_s3_url", CFG_STR, AT(s3_url)},

	{"connectycube_hub_s3_bucket", CFG_STR, AT(s3_bucket)},

	{"connectycube_hub_s3_prefix", CFG_STR, AT(s3_prefix)},

	{"connectycube_hub_s3_region", CFG_STR, AT(s3_region),
	 .dflt = "us-east-1"},

	{"connectycube_hub_s3_key", CFG_STR, AT(s3_key)},

	{"connectycube_hub_s3_secret", CFG_SECRET, AT(s3_secret)},

	/* PATH; default: the system's */
	{"connectycube_hub_s3_ca_file", CFG_STR, AT(s3_ca)},

	/* to enum hrec_s3_style */
	{"connectycube_hub_s3_style", CFG_WORD, AT(s3_style),
	 .words = "path|host", .dflt = "path"},

	/* MB; what is larger is uploaded in parts */
	{"connectycube_hub_s3_part", CFG_U32, AT(s3_part),
	 .dflt = "64", .min = 5, .max = 5120},

	{"connectycube_hub_s3_remove", CFG_BOOL, AT(s3_remove),
	 .dflt = "no"},

	/* PATH; the bridges' key, too */
	{"connectycube_record_spool", CFG_STR, AT(spool),
	 .dflt = REC_SPOOL},
};


static int read_free(struct hrec_config *rc, const struct cfg_reading *rd)
{
	const bool percent = rc->free && strchr(rc->free, '%');
	struct pl pl;
	uint32_t v;

	if (!rc->free)
		return 0;

	pl_set_str(&pl, rc->free);
	if (percent)
		--pl.l;

	if (text_u32(&v, &pl, percent ? 90 : 100000000) || !v)
		return cfg_fault(rd, "connectycube_hub_recording_free",
				 "'%s' is not a number of MB from 1 to"
				 " 100000000, or from 1%% to 90%%", rc->free);

	if (percent)
		rc->free_percent = v;
	else
		rc->free_mb = v;

	return 0;
}


static bool is_of(const char *str, const char *chars, size_t most)
{
	return str[0] && strlen(str) <= most && !str[strspn(str, chars)];
}


/* They are signed, and become a URL, headers and part of a host's name */
static int check_s3_names(const struct hrec_config *rc,
			  const struct cfg_reading *rd)
{
	const char *prefix = rc->s3_prefix ? rc->s3_prefix : "";
	struct pl pl;

	pl_set_str(&pl, prefix);

	if (!is_of(rc->s3_bucket, SMALL LARGE DIGITS ".-_", 255))
		return cfg_fault(rd, "connectycube_hub_s3_bucket",
				 "is not of letters, digits, dots,"
				 " hyphens and underscores");

	if (rc->s3_style == REC_S3_HOST &&
	    !is_of(rc->s3_bucket, SMALL DIGITS ".-", 63))
		return cfg_fault(rd, "connectycube_hub_s3_bucket",
				 "cannot be part of a host's name,"
				 " as s3_style host wants it: small letters,"
				 " digits, dots and hyphens, at most 63");

	if (!is_of(rc->s3_region, SMALL LARGE DIGITS "-_", 64))
		return cfg_fault(rd, "connectycube_hub_s3_region",
				 "is not of letters, digits, hyphens"
				 " and underscores");

	if (!is_of(rc->s3_key, SMALL LARGE DIGITS "-_.+=@", 128))
		return cfg_fault(rd, "connectycube_hub_s3_key",
				 "is no key's id: letters and digits,"
				 " at most 128");

	if (!rc->s3_secret[0] || strlen(rc->s3_secret) > S3_SECRET_MAX)
		return cfg_fault(rd, "connectycube_hub_s3_secret",
				 "is none, or longer than 251"
				 " bytes");

	if (prefix[0] == '/' || pl.l > S3_PREFIX_MAX || !text_is_utf8(&pl))
		return cfg_fault(rd, "connectycube_hub_s3_prefix",
				 "begins with a slash, is no UTF-8"
				 " or longer than 512 bytes");

	return 0;
}


/* A key that cannot be seen as one is a mistake, and so is half of them */
static int check_s3(const struct hrec_config *rc,
		    const struct cfg_reading *rd)
{
	const bool any = rc->s3_url || rc->s3_bucket || rc->s3_key ||
		rc->s3_secret;

	if (!any)
		return rc->s3_remove ? cfg_fault(rd,
			"connectycube_hub_s3_remove", "nothing is uploaded:"
			" connectycube_hub_s3_url is not set") : 0;

	if (!rc->s3_url || !rc->s3_bucket || !rc->s3_key || !rc->s3_secret)
		return cfg_fault(rd, "connectycube_hub_s3_url", "url, bucket,"
				 " key and secret are needed, all four");

	return check_s3_names(rc, rd);
}


static int finish(void *cfg, const struct cfg_reading *rd)
{
	struct hrec_config *rc = &((struct hub_config *)cfg)->rec;
	char why[256];
	int err = 0;

	if (recname_check(rc->name, why, sizeof(why)))
		err = cfg_fault(rd, "connectycube_hub_recording_name", "%s",
				why);

	/* all that is wrong is said */
	err |= read_free(rc, rd);

	return err | check_s3(rc, rd);
}


const struct cfg_area hrec_config_area = {keyv, ARRAY_SIZE(keyv), finish};


/**
 * Free what is in it
 *
 * @param rc Configuration
 */
void hrec_config_free(struct hrec_config *rc)
{
	mem_deref(rc->spool);
	mem_deref(rc->root);
	mem_deref(rc->name);
	mem_deref(rc->program);
	mem_deref(rc->free);
	mem_deref(rc->cert);
	mem_deref(rc->s3_url);
	mem_deref(rc->s3_bucket);
	mem_deref(rc->s3_prefix);
	mem_deref(rc->s3_region);
	mem_deref(rc->s3_key);
	mem_deref(rc->s3_secret);
	mem_deref(rc->s3_ca);
}
