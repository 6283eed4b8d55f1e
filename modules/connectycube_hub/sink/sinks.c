/**
 * @file connectycube_hub/sink/sinks.c  The sinks that the configuration names
 *
 * Each kind has one of records of calls, and one of recordings.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "../hub.h"
#include "sink.h"
#include "courier.h"
#include "http.h"
#include "postgres.h"
#include "../recording/s3.h"


/** What is added that hands records on one by one */
struct courier {
	enum hub_table table;   /**< What it hands on                      */
	const char *name;       /**< Its name                              */
	hub_reach_h *reachh;    /**< See hub_courier_alloc()               */
	hub_give_h *giveh;
	hub_given_h *givenh;
	hub_dead_h *deadh;      /**< See hub_courier_tidy()                */
	hub_tidy_h *tidyh;
	void *arg;              /**< Its argument (owned)                  */
};

/** What is added */
struct adding {
	struct list *sinkl;     /**< Those there are (pointer)             */
	const struct hub_config *cfg; /**< Configuration (pointer)         */
};


static int add_file(const struct adding *a, enum hub_table table,
		    const char *name, const char *path,
		    const struct hub_form *form)
{
	struct hub_file *f;
	struct hub_sink *sk;
	int err;

	if (!path)
		return 0;

	err = hub_file_alloc(&f, name, path, form);
	if (err)
		return err;

	err = hub_sink_alloc(&sk, a->sinkl, table, name, path, a->cfg->db,
			     hub_file_run, f);
	if (err)
		mem_deref(f);

	return err;
}


/* The argument is owned by it, whatever comes of this */
static int add_courier(const struct adding *a, const struct courier *what,
		       const char *where)
{
	struct hub_courier *c = NULL;
	struct hub_sink *sk;
	int err;

	err = hub_courier_alloc(&c, what->name, what->reachh, what->giveh,
				what->givenh, what->arg);
	if (err) {
		mem_deref(what->arg);
		return err;
	}

	hub_courier_tidy(c, what->deadh, what->tidyh);
	err = hub_sink_alloc(&sk, a->sinkl, what->table, what->name, where,
			     a->cfg->db, hub_courier_run, c);
	if (err)
		mem_deref(c);

	return err;
}


static int add_webhook(const struct adding *a, enum hub_table table,
		       const char *name, const char *type)
{
	struct courier c = {.table = table, .name = name,
		.reachh = hub_webhook_reach, .giveh = hub_webhook_give};
	const struct hub_config *cfg = a->cfg;
	struct hub_webhook *wh = NULL;
	char *where = NULL;
	char why[HUB_WHY] = "no memory";
	int err;

	if (!cfg->webhook)
		return 0;

	err = hub_webhook_alloc(&wh, cfg->webhook, type, cfg->webhook_secret,
				cfg->webhook_ca, cfg->webhook_plain, why,
				sizeof(why));
	if (err) {
		clog_warning("hub: %s\n", why);
		return err;
	}

	c.arg = wh;
	err = hub_http_where(&where, cfg->webhook);
	if (err)
		mem_deref(wh);
	else
		err = add_courier(a, &c, where);

	mem_deref(where);

	return err;
}


/* How it is reached may hold a password */
static int add_postgres(const struct adding *a, enum hub_table what,
			const char *name, const char *table)
{
	struct courier c = {.table = what, .name = name,
		.reachh = hub_pg_reach, .giveh = hub_pg_give};
	struct hub_pg *pg = NULL;
	char *where = NULL;
	int err;

	if (!a->cfg->postgres || !strcmp(table, "none"))
		return 0;

	err = hub_pg_alloc(&pg, what, a->cfg->postgres, table);
	if (err)
		return err;

	c.arg = pg;
	err = hub_pg_where(&where, a->cfg->postgres, table);
	if (err)
		mem_deref(pg);
	else
		err = add_courier(a, &c, where);

	mem_deref(where);

	return err;
}


static int add_s3(const struct adding *a)
{
	struct courier c = {.table = HUB_RECORDINGS, .name = "s3",
		.reachh = hub_s3_reach, .giveh = hub_s3_give,
		.givenh = hub_s3_given, .deadh = hub_s3_dead,
		.tidyh = hub_s3_tidy};
	const struct hub_config *cfg = a->cfg;
	char why[HUB_WHY] = "no memory";
	struct hub_s3 *s3 = NULL;
	int err;

	if (!cfg->rec.s3_url)
		return 0;

	err = hub_s3_alloc(&s3, &cfg->rec, why, sizeof(why));
	if (err) {
		clog_warning("hub: %s\n", why);
		return err;
	}

	c.arg = s3;

	return add_courier(a, &c, cfg->rec.s3_url);
}


/* recordings.jsonl, beside the one of records */
static int add_recordings_file(const struct adding *a,
			       const struct hub_form *form)
{
	const char *slash;
	char *path = NULL;
	int err;

	if (!a->cfg->jsonl)
		return 0;

	slash = strrchr(a->cfg->jsonl, '/');
	err = re_sdprintf(&path, "%brecordings.jsonl", a->cfg->jsonl,
			  slash ? (size_t)(slash - a->cfg->jsonl) + 1
			  : (size_t)0);
	if (!err)
		err = add_file(a, HUB_RECORDINGS, "jsonl-recordings", path,
			       form);

	mem_deref(path);

	return err;
}


static int add_of_recordings(const struct adding *a)
{
	struct hub_form form;
	int err;

	hub_form_jsonl(&form);

	err = add_recordings_file(a, &form);
	if (!err)
		err = add_webhook(a, HUB_RECORDINGS, "webhook-recordings",
				  "recording");
	if (!err)
		err = add_postgres(a, HUB_RECORDINGS, "postgres-recordings",
				   a->cfg->postgres_recordings);

	return err ? err : add_s3(a);
}


/**
 * Add the sinks that the configuration names
 *
 * @param sinkl List that they become members of
 * @param cfg   Configuration, which lives as long
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_add_sinks(struct list *sinkl, const struct hub_config *cfg)
{
	const struct adding a = {sinkl, cfg};
	struct hub_form form;
	int err;

	hub_form_jsonl(&form);
	err = add_file(&a, HUB_RECORDS, "jsonl", cfg->jsonl, &form);

	hub_form_csv(&form, cfg->csv_form, cfg->csv_guard);
	if (!err)
		err = add_file(&a, HUB_RECORDS, "csv", cfg->csv, &form);
	if (!err)
		err = add_webhook(&a, HUB_RECORDS, "webhook", "record");
	if (!err)
		err = add_postgres(&a, HUB_RECORDS, "postgres",
				   cfg->postgres_table);

	return err ? err : add_of_recordings(&a);
}
