/**
 * @file connectycube_record/recconfig.c  The configuration of recordings
 *
 * Pure.
 */
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "call/keyseq.h"
#include "config/confget.h"
#include "record.h"


enum {
	KEYS_MIN = 2,           /**< Shortest sequence of keys             */
	KEYS_MAX = 8,           /**< Longest one                           */
};

#define AT(field) CFG_IN(struct record_config, field)


static int check_keys(struct bridge_config *cfg, const struct cfg_val *val)
{
	size_t i;
	(void)cfg;

	for (i=0; i<val->pl.l; i++) {
		if (!strchr("0123456789*#ABCD", val->pl.p[i]))
			break;
	}

	return i == val->pl.l && i >= KEYS_MIN && i <= KEYS_MAX ? 0
		: cfg_bad(val, "2 to 8 of 0-9, *, #, A-D");
}


/* Its file is read later, and at times again */
static int note_prompt(struct bridge_config *cfg, const struct cfg_val *val)
{
	struct record_config *rc = (void *)cfg;

	return cfg_note_at(&rc->prompt_at, val);
}


static const struct cfg_key keyv[] = {

	/* PATH; the hub has the same key */
	{"connectycube_record_spool", CFG_STR, AT(spool),
	 .dflt = "/var/spool/connectycube-bridge"},

	/* MB */
	{"connectycube_record_queue", CFG_U32, AT(queue),
	 .dflt = "16", .min = 1, .max = 1024},

	/* in the order of enum record_calls; audio is no */
	{"connectycube_record_calls", CFG_WORD, AT(calls),
	 .dflt = "off", .words = "off|on_demand|always"},
	{"connectycube_record_mode", CFG_WORD, AT(video),
	 .dflt = "audio", .words = "audio|video"},

	/* PATH, looked at later: without it there are calls all the same */
	{"connectycube_record_prompt", CFG_STR, AT(prompt), .h = note_prompt},

	/* [s], 0=none */
	{"connectycube_record_beep", CFG_U32, AT(beep),
	 .dflt = "0", .min = 0, .max = 300},

	{"connectycube_record_keys", CFG_STR, AT(keys), .h = check_keys},
	{"connectycube_record_pause_keys", CFG_STR, AT(pause_keys),
	 .h = check_keys},

	/* in the order of enum record_tell */
	{"connectycube_record_tell_phone", CFG_WORD, AT(tell),
	 .dflt = "off", .words = "off|info|sdp"},
};


static int finish(void *data, const struct cfg_reading *rd)
{
	const struct record_config *cfg = data;

	if (!cfg->keys || !cfg->pause_keys ||
	    !keyseq_clash(cfg->keys, cfg->pause_keys))
		return 0;

	return cfg_fault(rd, "connectycube_record_pause_keys", "'%s' and"
			 " connectycube_record_keys '%s': one begins with the"
			 " other", cfg->pause_keys, cfg->keys);
}


static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), finish};


static void destructor(void *data)
{
	struct record_config *cfg = data;

	mem_deref(cfg->spool);
	mem_deref(cfg->prompt);
	mem_deref(cfg->prompt_at);
	mem_deref(cfg->keys);
	mem_deref(cfg->pause_keys);
}


static const struct cfg_area *const areav[] = {&area};

static const struct cfg_module module = {
	"connectycube_record_", areav, ARRAY_SIZE(areav),
	sizeof(struct record_config), destructor, CFG_REST_NO
};


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int record_config_read(struct record_config **cfgp, const char *profile)
{
	return cfg_module_read(cfgp, &module, profile);
}


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *record_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}
