/**
 * @file connectycube_hub/hubcheck.c  What the configuration names, looked at
 *
 * Before anything is begun: a URL, a certificate or a name that is wrong is a
 * mistake of whoever starts us, who is there now, and not when the first
 * recording is to be sent.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "hub.h"
#include "courier.h"
#include "pemfile.h"
#include "postgres.h"
#include "recording/s3.h"
#include "recording/seal.h"


/* What is wrong is said, and the others are looked at nevertheless */
static int said(const char *key, int err, const char *why)
{
	if (err)
		clog_warning("hub: %s%s%s\n", key ? key : "",
			     key ? ": " : "", why);

	return err;
}


static int check_ca(const char *key, const char *path)
{
	char why[HUB_WHY] = "no memory";

	return path ? said(key, pemfile_read(NULL, path, why, sizeof(why)),
			   why) : 0;
}


/* sinks.c puts that beside it */
static int check_jsonl(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	return said("connectycube_hub_jsonl", name && !strcmp(name,
		    "recordings.jsonl") ? EINVAL : 0, "recordings.jsonl is the"
		    " name of the file of recordings");
}


static int check_webhook(const struct hub_config *cfg)
{
	char why[HUB_WHY] = "no memory";
	struct hub_webhook *wh = NULL;
	int err;

	if (!cfg->webhook)
		return 0;

	err = hub_webhook_alloc(&wh, cfg->webhook, "record",
				cfg->webhook_secret, cfg->webhook_ca,
				cfg->webhook_plain, why, sizeof(why));
	mem_deref(wh);

	return said(NULL, err, why);
}


static int check_table(enum hub_table what, const char *conninfo,
		       const char *table)
{
	struct hub_pg *pg = NULL;
	int err;

	err = hub_pg_alloc(&pg, what, conninfo, table);
	mem_deref(pg);

	return said(what == HUB_RECORDS ? "connectycube_hub_postgres_table"
		    : "connectycube_hub_postgres_recordings", err,
		    "is not of small letters, digits, underscores and a dot");
}


/* What libpq says of it may hold the password */
static int check_postgres(const struct hub_config *cfg)
{
	int err;

	if (!cfg->postgres)
		return 0;

	err = said("connectycube_hub_postgres", hub_pg_check(cfg->postgres),
		   "is no KEY=VALUE ..., and no URL (postgresql://...)");
	if (!err)
		err = check_table(HUB_RECORDS, cfg->postgres,
				  cfg->postgres_table);
	if (!err && strcmp(cfg->postgres_recordings, "none"))
		err = check_table(HUB_RECORDINGS, cfg->postgres,
				  cfg->postgres_recordings);

	return err;
}


static int check_s3(const struct hub_config *cfg)
{
	char why[HUB_WHY] = "no memory";
	struct hub_s3 *s3 = NULL;
	int err;

	if (!cfg->rec.s3_url)
		return 0;

	err = hub_s3_alloc(&s3, &cfg->rec, why, sizeof(why));
	mem_deref(s3);

	return said(NULL, err, why);
}


static int check_cert(const char *cert)
{
	char why[HUB_WHY] = "no memory";
	struct hub_seal *seal = NULL;
	int err;

	if (!cert)
		return 0;

	err = hub_seal_alloc(&seal, cert, why, sizeof(why));
	mem_deref(seal);

	return said("connectycube_hub_recording_encrypt", err, why);
}


/**
 * Look at what the configuration names. All that is wrong is said in the log
 *
 * @param cfg Configuration
 *
 * @return 0 if all is right, otherwise errorcode
 */
int hub_check(const struct hub_config *cfg)
{
	const int errv[] = {
		check_jsonl(cfg->jsonl),
		check_webhook(cfg),
		check_ca("connectycube_hub_webhook_ca_file", cfg->webhook_ca),
		check_postgres(cfg),
		check_s3(cfg),
		check_ca("connectycube_hub_s3_ca_file", cfg->rec.s3_ca),
		check_cert(cfg->rec.cert),
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(errv); i++) {
		if (errv[i])
			return errv[i];
	}

	return 0;
}
