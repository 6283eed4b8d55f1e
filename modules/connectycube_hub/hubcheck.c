/**
 * @file connectycube_hub/hubcheck.c  What the configuration names, looked at
 *
 * Before anything is begun: a URL, a certificate or a name that is wrong is a
 * mistake of whoever starts us, who is there now, and not when the first
 * recording is to be sent.
 */
#include <string.h>
#include <re.h>
#include "base/fdset.h"
#include "config/confget.h"
#include "hub.h"
#include "sink/courier.h"
#include "pemfile.h"
#include "sink/postgres.h"
#include "web/route.h"
#include "web/web.h"
#include "recording/s3.h"
#include "recording/seal.h"


enum {
	FDS_OWN = 128,          /* database, log, doors, sinks, threads */
	FDS_JOB = 8,            /* a recording that is being finished */
};


/* The key stands before it, or at its beginning; the others are looked at
   nevertheless */
static int said(const struct cfg_reading *rd, const char *key, int err,
		const char *why)
{
	char name[64];
	size_t n;

	if (!err)
		return 0;

	n = key ? 0 : strcspn(why, ":");
	(void)re_snprintf(name, sizeof(name), "%b", why, n);
	if (n && why[n])
		why += n + 2;

	return cfg_fault(rd, key ? key : name, "%s", why);
}


static int check_ca(const struct cfg_reading *rd, const char *key,
		    const char *path)
{
	char why[HUB_WHY] = "no memory";

	return path ? said(rd, key, pemfile_read(NULL, path, why, sizeof(why)),
			   why) : 0;
}


/* sinks.c puts that beside it */
static int check_jsonl(const struct cfg_reading *rd, const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	return said(rd, "connectycube_hub_jsonl", name && !strcmp(name,
		    "recordings.jsonl") ? EINVAL : 0, "recordings.jsonl is the"
		    " name of the file of recordings");
}


static int check_webhook(const struct hub_config *cfg,
			 const struct cfg_reading *rd)
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

	return said(rd, NULL, err, why);
}


/* What libpq says of it may hold the password */
static int check_postgres(const struct hub_config *cfg,
			  const struct cfg_reading *rd)
{
	return cfg->postgres ? said(rd, "connectycube_hub_postgres",
		hub_pg_check(cfg->postgres), "is no KEY=VALUE ..., and no URL"
		" (postgresql://...; what is no letter and no digit of a"
		" password is written %xx there)") : 0;
}


static int check_s3(const struct hub_config *cfg, const struct cfg_reading *rd)
{
	char why[HUB_WHY] = "no memory";
	struct hub_s3 *s3 = NULL;
	int err;

	/* half of what is needed is told elsewhere */
	if (!cfg->rec.s3_url || !cfg->rec.s3_bucket)
		return 0;

	err = hub_s3_alloc(&s3, &cfg->rec, why, sizeof(why));
	mem_deref(s3);

	return said(rd, NULL, err, why);
}


static int check_cert(const struct cfg_reading *rd, const char *cert)
{
	char why[HUB_WHY] = "no memory";
	struct hub_seal *seal = NULL;
	int err;

	if (!cert)
		return 0;

	err = hub_seal_alloc(&seal, cert, why, sizeof(why));
	mem_deref(seal);

	return said(rd, "connectycube_hub_recording_encrypt", err, why);
}


/* All connections that may be there at once have to have their file
   descriptors: one that has none would be a bridge that is not heard. Those of
   events are among those of HTTP */
static int check_fds(const struct hub_config *cfg,
		     const struct cfg_reading *rd)
{
	const size_t more = FDS_OWN + FDS_JOB * cfg->rec.jobs;
	const uint32_t http = web_is_off(cfg) ? 0 : cfg->http_connections;
	const size_t need = cfg->bridges_max + http + more;
	size_t room;

	fdset_limit();
	room = fdset_low_size();
	if (need <= room)
		return 0;

	return cfg_fault(rd, "connectycube_hub_bridges", "%u of these, %u of"
			 " connectycube_hub_http_connections and %zu for files,"
			 " sinks and recordings are %zu file descriptors, and"
			 " this process may have %zu (at most 1024, `ulimit"
			 " -Hn`, LimitNOFILE= of systemd)", cfg->bridges_max,
			 http, more, need, room);
}


/**
 * Look at what the configuration names. All that is wrong is said in the log
 *
 * @param cfg Configuration
 * @param rd  Reading
 *
 * @return 0 if all is right, otherwise errorcode
 */
int hub_check(const struct hub_config *cfg, const struct cfg_reading *rd)
{
	const int errv[] = {
		check_jsonl(rd, cfg->jsonl),
		check_webhook(cfg, rd),
		check_ca(rd, "connectycube_hub_webhook_ca_file",
			 cfg->webhook_ca),
		check_postgres(cfg, rd),
		check_s3(cfg, rd),
		check_ca(rd, "connectycube_hub_s3_ca_file", cfg->rec.s3_ca),
		check_cert(rd, cfg->rec.cert),
		web_check(cfg, rd),
		check_fds(cfg, rd),
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(errv); i++) {
		if (errv[i])
			return errv[i];
	}

	return 0;
}
