/**
 * @file connectycube_hub/hubconfig.c  The hub's configuration
 *
 * Pure.
 */
#include <stddef.h>
#include <re.h>
#include "base/logline.h"
#include "config/confget.h"
#include "hub.h"


#define AT(field) CFG_IN(struct hub_config, field)

static const struct cfg_key keyv[] = {

	/* PATH; default: PROFILE/records.db */
	{"connectycube_hub_db", CFG_STR, AT(db)},

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
	 .dflt = "calls"},

	{"connectycube_hub_postgres_recordings", CFG_STR,
	 AT(postgres_recordings), .dflt = "recordings"},

	/* URL; default: none */
	{"connectycube_hub_webhook", CFG_STR, AT(webhook)},

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

	{"connectycube_hub_metrics_open", CFG_BOOL, AT(metrics_open),
	 .dflt = "no"},

	/* PATH; default: PROFILE/tokens */
	{"connectycube_hub_tokens", CFG_STR, AT(tokens)},

	/* PATH; default: PROFILE/audit.jsonl */
	{"connectycube_hub_audit", CFG_STR, AT(audit)},

	/* name; default: only bridges of the hub's own user */
	{"connectycube_hub_group", CFG_STR, AT(group)},

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
	mem_deref(cfg->group);
	mem_deref(cfg->log_file);
	hrec_config_free(&cfg->rec);
}


/**
 * Get one of all keys
 *
 * @param n Which one, from 0
 *
 * @return Key, NULL if there are not so many
 */
const struct cfg_key *hub_config_key(size_t n)
{
	const struct cfg_key *recv;
	size_t recc;

	if (n < ARRAY_SIZE(keyv))
		return &keyv[n];

	recv = hrec_config_keys(&recc);
	n -= ARRAY_SIZE(keyv);

	return n < recc ? &recv[n] : NULL;
}


/**
 * Read and check the configuration. All that is wrong is said in the log
 *
 * @param cfgp    Pointer to new configuration
 * @param profile Folder of the profile
 *
 * @return 0 if success, EINVAL if something is wrong in it, otherwise why it
 *         cannot be read
 */
int hub_config_read(struct hub_config **cfgp, const char *profile)
{
	struct cfg_area hub = {keyv, ARRAY_SIZE(keyv), NULL}, rec = {0};
	const struct cfg_area *const areav[] = {&hub, &rec};
	struct hub_config *cfg;
	int err;

	if (!cfgp || !profile)
		return EINVAL;

	/* the last one is not of our prefix */
	rec.keyv = hrec_config_keys(&rec.keyc);
	--rec.keyc;

	cfg = mem_zalloc(sizeof(*cfg), destructor);
	if (!cfg)
		return ENOMEM;

	err = cfg_read_profile(cfg, "connectycube_hub_", areav,
			       ARRAY_SIZE(areav), profile);
	if (!err)
		err = hrec_config_read_spool(cfg, profile);
	if (!err && !cfg->tokens)
		err = re_sdprintf(&cfg->tokens, "%s/tokens", profile);
	if (!err && !cfg->audit)
		err = re_sdprintf(&cfg->audit, "%s/audit.jsonl", profile);
	if (!err && !cfg->db)
		err = re_sdprintf(&cfg->db, "%s/records.db", profile);
	if (!err)
		err = hrec_config_finish(&cfg->rec, profile);

	if (err)
		mem_deref(cfg);
	else
		*cfgp = cfg;

	return err;
}
