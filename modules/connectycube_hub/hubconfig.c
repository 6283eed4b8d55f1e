/**
 * @file connectycube_hub/hubconfig.c  The hub's configuration
 *
 * Pure.
 */
#include <grp.h>
#include <stddef.h>
#include <string.h>
#include <re.h>
#include "base/logline.h"
#include "config/confget.h"
#include "base/text.h"
#include "hub.h"
#include "alarm/letter.h"


#define AT(field) CFG_IN(struct hub_config, field)

#define TABLE_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_."


static int check_group(struct bridge_config *cfg, const struct cfg_val *val)
{
	char name[256];
	(void)cfg;

	return pl_strcpy(&val->pl, name, sizeof(name)) || !getgrnam(name) ?
		cfg_bad(val, "a group of this machine") : 0;
}


/* It becomes part of what is executed */
static int check_table(struct bridge_config *cfg, const struct cfg_val *val)
{
	size_t i;
	(void)cfg;

	for (i=0; i<val->pl.l; i++) {
		if (!strchr(TABLE_CHARS, val->pl.p[i]))
			break;
	}

	return i && i == val->pl.l ? 0 :
		cfg_bad(val, "of small letters, digits, underscores and a"
			" dot");
}


/* They are a program's arguments */
static int check_addresses(struct bridge_config *cfg,
			   const struct cfg_val *val)
{
	struct pl rest = val->pl, one;
	unsigned n = 0;
	(void)cfg;

	while (text_next(&rest, &one, ',')) {
		if (++n > 8 || !letter_is_address(one.p, one.l))
			return cfg_bad(val, "up to 8 mail addresses, joined by"
				       " commas without blanks");
	}

	return 0;
}


static const struct cfg_key keyv[] = {

	/* PATH; the bridges' key, too */
	{"connectycube_link_socket", CFG_STR, AT(socket),
	 .dflt = "/run/connectycube-bridge/hub.sock", .h = cfg_check_socket},

	/* PATH; default: PROFILE/records.db */
	{"connectycube_hub_db", CFG_STR, AT(db), .place = "records.db"},

	/* [days], 0=for ever */
	{"connectycube_hub_days", CFG_U32, AT(days),
	 .dflt = "0", .min = 0, .max = 36500},

	/* PATH; default: none */
	{"connectycube_hub_jsonl", CFG_STR, AT(jsonl)},

	{"connectycube_hub_csv", CFG_STR, AT(csv)},

	/* to enum hub_csv_form */
	{"connectycube_hub_csv_form", CFG_WORD, AT(csv_form),
	 .words = "full|master", .dflt = "full"},

	{"connectycube_hub_csv_guard", CFG_BOOL, AT(csv_guard),
	 .dflt = "yes"},

	/* KEY=VALUE ... or URL; default: none */
	{"connectycube_hub_postgres", CFG_SECRET, AT(postgres)},

	{"connectycube_hub_postgres_table", CFG_STR, AT(postgres_table),
	 .dflt = "calls", .h = check_table},

	{"connectycube_hub_postgres_recordings", CFG_STR,
	 AT(postgres_recordings), .dflt = "recordings", .h = check_table},

	/* URL, in which there may be a password; default: none */
	{"connectycube_hub_webhook", CFG_SECRET, AT(webhook)},

	{"connectycube_hub_webhook_secret", CFG_SECRET, AT(webhook_secret)},

	/* PATH; default: the system's */
	{"connectycube_hub_webhook_ca_file", CFG_STR, AT(webhook_ca)},

	{"connectycube_hub_webhook_plain", CFG_BOOL, AT(webhook_plain),
	 .dflt = "no"},

	/* unix:PATH, ADDRESS:PORT, joined by commas; none; default:
	   api.sock beside connectycube_link_socket */
	{"connectycube_hub_http", CFG_STR, AT(http)},

	/* PATH; default: no TLS */
	{"connectycube_hub_http_cert", CFG_STR, AT(http_cert)},

	{"connectycube_hub_http_key", CFG_STR, AT(http_key)},

	/* names, joined by commas; default: none but addresses */
	{"connectycube_hub_http_names", CFG_STR, AT(http_names)},

	{"connectycube_hub_http_owner", CFG_BOOL, AT(http_owner),
	 .dflt = "yes"},

	/* connections */
	{"connectycube_hub_http_connections", CFG_U32, AT(http_connections),
	 .dflt = "128", .min = 8, .max = 512},

	{"connectycube_hub_http_events", CFG_U32, AT(http_events),
	 .dflt = "32", .min = 1, .max = 256},

	/* [min] */
	{"connectycube_hub_session_idle", CFG_U32, AT(session_idle),
	 .dflt = "30", .min = 1, .max = 720},

	/* [h]; of tokens that may only look */
	{"connectycube_hub_session_screen", CFG_U32, AT(session_screen),
	 .dflt = "12", .min = 1, .max = 8760},

	{"connectycube_hub_metrics_open", CFG_BOOL, AT(metrics_open),
	 .dflt = "no"},

	/* PATH; default: PROFILE/tokens */
	{"connectycube_hub_tokens", CFG_STR, AT(tokens), .place = "tokens"},

	/* PATH; default: PROFILE/audit.jsonl */
	{"connectycube_hub_audit", CFG_STR, AT(audit), .place = "audit.jsonl"},

	/* addresses, joined by commas; default: none */
	{"connectycube_hub_alarm_mail", CFG_STR, AT(alarm_mail),
	 .h = check_addresses},

	/* PATH */
	{"connectycube_hub_alarm_sendmail", CFG_STR, AT(alarm_sendmail),
	 .dflt = "/usr/sbin/sendmail"},

	/* [s] */
	{"connectycube_hub_alarm_every", CFG_U32, AT(alarm_every),
	 .dflt = "300", .min = 1, .max = 86400},

	/* [MB], 0=never */
	{"connectycube_hub_alarm_disk", CFG_U32, AT(alarm_disk),
	 .dflt = "512", .min = 0, .max = 100000000},

	/* name; default: only bridges of the hub's own user */
	{"connectycube_hub_group", CFG_STR, AT(group),
	 .h = check_group},

	/* bridges */
	{"connectycube_hub_bridges", CFG_U32, AT(bridges_max),
	 .dflt = "256", .min = 1, .max = 900},

	/* to enum logline_form */
	{"connectycube_hub_log", CFG_WORD, AT(log_form),
	 .words = "auto|stamp|journal|plain", .dflt = "auto"},

	/* PATH; default: stdout */
	{"connectycube_hub_log_file", CFG_STR, AT(log_file)},
};

static void destructor(void *data)
{
	struct hub_config *cfg = data;

	mem_deref(cfg->socket);
	mem_deref(cfg->db);
	mem_deref(cfg->jsonl);
	mem_deref(cfg->csv);
	mem_deref(cfg->postgres);
	mem_deref(cfg->postgres_table);
	mem_deref(cfg->postgres_recordings);
	mem_deref(cfg->webhook);
	mem_deref(cfg->webhook_secret);
	mem_deref(cfg->webhook_ca);
	mem_deref(cfg->http);
	mem_deref(cfg->http_cert);
	mem_deref(cfg->http_key);
	mem_deref(cfg->http_names);
	mem_deref(cfg->tokens);
	mem_deref(cfg->audit);
	mem_deref(cfg->alarm_mail);
	mem_deref(cfg->alarm_sendmail);
	mem_deref(cfg->group);
	mem_deref(cfg->log_file);
	hrec_config_free(&cfg->rec);
}


/* All that is wrong is said */
static int finish(void *data, const struct cfg_reading *rd)
{
	const int err = hub_check_paths(data, rd);

	return hub_check(data, rd) ? EINVAL : err;
}


static const struct cfg_area area = {keyv, ARRAY_SIZE(keyv), finish};

static const struct cfg_area *const areav[] = {&area, &hrec_config_area};

static const struct cfg_module module = {
	"connectycube_hub_", areav, ARRAY_SIZE(areav),
	sizeof(struct hub_config), destructor, CFG_REST_ALONE
};


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *hub_config_key(size_t n)
{
	return cfg_module_key(&module, n);
}


/**
 * Read and check the configuration, see cfg_module_read()
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_config_read(struct hub_config **cfgp, const char *profile)
{
	return cfg_module_read(cfgp, &module, profile);
}
