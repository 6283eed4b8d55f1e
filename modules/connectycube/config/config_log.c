/**
 * @file config/config_log.c  The configuration keys of the log
 */
#include <re.h>
#include "base/folder.h"
#include "base/log.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "log/loglevel.h"
#include "confget.h"
#include "config.h"


static int check_levels(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct loglevels levels = {{0}};
	(void)cfg;

	return loglevels_set(&levels, &val->pl) ?
		cfg_bad(val, "[AREA=]LEVEL[,AREA=LEVEL...], AREA bridge, sip,"
			" cloud or media, LEVEL error, warning, info, debug or"
			" trace") : 0;
}


/* It is opened later; then this is what says what is wrong */
static int note_file(struct bridge_config *cfg, const struct cfg_val *val)
{
	return cfg_note_at(&cfg->log_file_at, val);
}


/* What many instances share can only name a place in the profile of each */
static int in_profile(char **dirp, const struct cfg_val *val)
{
	char profile[1024];
	size_t len;
	char *dir;
	int err;

	if (val->pl.l && val->pl.p[0] == '/')
		return 0;

	err = folder_of(profile, sizeof(profile), val->path);
	if (err)
		return err;

	len = str_len(profile);
	err = re_sdprintf(&dir, "%s%s%r", profile,
			  len && profile[len - 1] == '/' ? "" : "/", &val->pl);
	if (err)
		return err;

	mem_deref(*dirp);
	*dirp = dir;

	return 0;
}


static int place_log(struct bridge_config *cfg, const struct cfg_val *val)
{
	return in_profile(&cfg->log_dir, val);
}


static int place_flight(struct bridge_config *cfg, const struct cfg_val *val)
{
	return in_profile(&cfg->flight_dir, val);
}


static const struct cfg_key keyv[] = {

	/* in the order of enum logline_form */
	{"connectycube_log", CFG_WORD, CFG_AT(log_form), .dflt = "auto",
	 .words = "auto|stamp|journal|plain|files|journald"},

	/* PATH; default: stdout */
	{"connectycube_log_file", CFG_STR, CFG_AT(log_file),
	 .h = note_file},

	/* PATH, or a name in PROFILE; default: PROFILE/log */
	{"connectycube_log_dir", CFG_STR, CFG_AT(log_dir), .place = "log",
	 .h = place_log},

	{"connectycube_log_format", CFG_WORD, CFG_AT(log_json),
	 .dflt = "text", .words = "text|json"},

	/* [AREA=]LEVEL[,AREA=LEVEL...] */
	{"connectycube_log_level", CFG_STR, CFG_AT(log_levels),
	 .dflt = "info", .h = check_levels},

	/* of a file of log_dir [KiB] */
	{"connectycube_log_size", CFG_U32, CFG_AT(log_size),
	 .dflt = "10240", .min = 0, .max = 4194304},
	{"connectycube_log_keep", CFG_U32, CFG_AT(log_keep),
	 .dflt = "4", .min = 0, .max = 100},

	/* PATH, or a name in PROFILE; default: no flight recorder */
	{"connectycube_flight_dir", CFG_STR, CFG_AT(flight_dir),
	 .h = place_flight},

	/* of a call [KiB] */
	{"connectycube_flight_size", CFG_U32, CFG_AT(flight_size),
	 .dflt = "64", .min = 0, .max = 4096},
	{"connectycube_flight_keep", CFG_U32, CFG_AT(flight_keep),
	 .dflt = "200", .min = 1, .max = 100000},
};

const struct cfg_area config_log = {keyv, ARRAY_SIZE(keyv), NULL};
