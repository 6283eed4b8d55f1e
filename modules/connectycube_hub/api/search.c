/**
 * @file connectycube_hub/api/search.c  Records of calls are looked for
 *
 * Pure.
 */
#define _XOPEN_SOURCE 700
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sqlite3.h>
#include <re.h>
#include "base/mono.h"
#include "../hub.h"
#include "../store.h"
#include "../query.h"
#include "search.h"

#define HAS(what) "instr(lower(" what "),lower(?11))"

/* Those of before there were two had none */
#define KIND "coalesce(json_extract(json,'$.kind'),'bridge')"

#define WHICH " started>=?1 AND started<?2" \
	" AND (?3 IS NULL OR extension=?3)" \
	" AND (?4 IS NULL OR from_user=?4 OR to_user=?4)" \
	" AND (?13 IS NULL OR " KIND "=?13)" \
	" AND (?5 IS NULL OR instr(from_uri,?5) OR instr(to_uri,?5)" \
	" OR (" KIND "='pbx' AND (instr(from_number,?5)" \
	" OR instr(to_number,?5)))" \
	" OR instr(json_extract(json,'$.dialled'),?5))" \
	" AND (?6 IS NULL OR disposition=?6)" \
	" AND (?10 IS NULL OR direction=?10)" \
	" AND (?11 IS NULL OR " HAS("from_uri") " OR " HAS("to_uri") " OR " \
	HAS("json_extract(json,'$.from.name')") " OR " \
	HAS("json_extract(json,'$.to.name')") " OR " \
	HAS("json_extract(json,'$.dialled')") \
	" OR (" KIND "='pbx' AND (" HAS("from_number") " OR " \
	HAS("to_number") " OR channel_linked=?11))" \
	" OR from_user=?11 OR to_user=?11)"

/* Its index is taken, whatever else is said: nothing begins with U+10FFFF */
#define OF_PREFIX " INDEXED BY sqlite_autoindex_records_1 WHERE" \
	" id>=?12 AND id<?12||char(1114111) AND"

/* SQLite's own are numbers */
#define BOOL(what) "json(iif(" what ",'true','false'))"

#define RECORDING "SELECT json_object('file',file,'format',format,'sha256'," \
	"sha256,'encrypted'," BOOL("json_extract(json,'$.encrypted')=1") \
	",'removed'," BOOL("removed IS NOT NULL") ") FROM recordings" \
	" WHERE id=?1"

#define RECORDS "SELECT seq,started,json FROM records"

#define BEHIND " AND (started<?7 OR (started=?7 AND seq<?8))" \
	" ORDER BY started DESC,seq DESC LIMIT ?9"

#define SUMS "SELECT disposition,count(*),sum(disposition='ANSWERED' OR" \
	" json_extract(json,'$.class') IN ('success','client'))," \
	"sum(bill_ms),sum(json_extract(json,'$.pdd_ms'))," \
	"count(json_extract(json,'$.pdd_ms')) FROM records WHERE" WHICH \
	" GROUP BY disposition"

#define HOURS "SELECT (started-?1)/3600000,count(*)," \
	"sum(disposition='ANSWERED') FROM records WHERE" WHICH \
	" GROUP BY 1 ORDER BY 1"

/* What was measured; of a call of the PBX, what became of its channels */
#define TIMELINE "SELECT json FROM timelines WHERE id=?1 UNION ALL" \
	" SELECT json_object('id',id,'times',json('[]'),'legs'," \
	"json('[]'),'events'," \
	"json_extract(json,'$.events')) FROM records WHERE id=?1 AND " KIND \
	"='pbx'"

enum {
	STEP = 2000,            /* of the database, between two looks      */
	HOUR = 3600000,         /* [ms]                                    */
	DAYS = 48 * HOUR,       /* hours are told of so long at most [ms]  */
};


/**
 * Read a time: ms since 1970, or 2026-11-30[T10:00[:00]][Z], UTC
 *
 * @param t   Set to it [ms]
 * @param str Text
 *
 * @return True if it is one
 */
bool search_time(uint64_t *t, const char *str)
{
	static const char *const formv[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d",
	};
	const char *end = NULL;
	struct tm tm;
	size_t i;

	if (!str || !t || !str[0] || strlen(str) > 32)
		return false;

	if (strspn(str, "0123456789") == strlen(str)) {
		*t = strtoull(str, NULL, 10);
		return strlen(str) <= 15;
	}

	for (i=0; i<ARRAY_SIZE(formv) && !end; i++) {
		memset(&tm, 0, sizeof(tm));
		end = strptime(str, formv[i], &tm);
		if (end && *end == 'Z')
			++end;
		if (end && *end)
			end = NULL;
	}

	if (!end || tm.tm_year < 70)
		return false;

	*t = (uint64_t)timegm(&tm) * 1000;

	return true;
}


/**
 * Read where to go on: STARTED-SEQ
 *
 * @param q   Search
 * @param str Text
 *
 * @return True if it is that
 */
bool search_cursor(struct search *q, const char *str)
{
	const size_t n = strspn(str, "0123456789");
	const char *p = str + n + 1;

	if (!n || n > 15 || str[n] != '-' || !p[0] || strlen(p) > 18 ||
	    strspn(p, "0123456789") != strlen(p))
		return false;

	q->started = strtoull(str, NULL, 10);
	q->seq     = strtoll(p, NULL, 10);

	return true;
}


static const char *text(const char *str)
{
	return str[0] ? str : NULL;
}


static int late_handler(void *arg)
{
	return mono_ms() > *(const uint64_t *)arg;
}


static void bind_all(struct query *st, const struct search *q)
{
	query_int(st, 1, (int64_t)q->from);
	query_int(st, 2, (int64_t)q->to);
	query_text(st, 3, text(q->ext));
	query_text(st, 4, text(q->user));
	query_text(st, 5, text(q->number));
	query_text(st, 6, text(q->disposition));
	query_text(st, 10, text(q->direction));
	query_text(st, 11, text(q->any));
	query_text(st, 12, text(q->prefix));
	query_text(st, 13, text(q->kind));
}


/* The one of an id; ENOENT if there is none */
static int record(struct query *st, struct mbuf *mb)
{
	const int err = query_row(st);

	return err ? err : mbuf_write_str(mb, (const char *)
					  sqlite3_column_text(st->stmt, 0));
}


/* One more than is wanted tells whether there are more */
static int records(struct query *st, const struct search *q, struct mbuf *mb)
{
	char next[SEARCH_CURSOR] = "";
	uint32_t n;
	int err;

	bind_all(st, q);
	query_int(st, 7, (int64_t)q->started);
	query_int(st, 8, q->seq);
	query_int(st, 9, q->limit + 1);

	err = mbuf_write_str(mb, "{\"records\":[");
	for (n=0; !err; n++) {

		err = query_row(st);
		if (err)
			break;

		if (n == q->limit) {
			err = mbuf_printf(mb, "],\"next\":\"%s\"}", next);
			return err;
		}

		(void)re_snprintf(next, sizeof(next), "%lld-%lld",
				  sqlite3_column_int64(st->stmt, 1),
				  sqlite3_column_int64(st->stmt, 0));
		err = mbuf_printf(mb, "%s%s", n ? "," : "",
				  sqlite3_column_text(st->stmt, 2));
	}

	return err == ENOENT ? mbuf_write_str(mb, "],\"next\":null}") : err;
}


static int ratio(struct mbuf *mb, const char *name, int64_t n, int64_t of)
{
	return of ? mbuf_printf(mb, ",\"%s\":%lld.%04lld", name, n / of,
				n % of * 10000 / of)
		: mbuf_printf(mb, ",\"%s\":null", name);
}


/* ASR, NER: RFC 6076 speaks of SER and SEER, ITU-T E.425 of these */
static int sums(struct query *st, const struct search *q, struct mbuf *mb)
{
	int64_t all = 0, answered = 0, effective = 0, bill = 0;
	int64_t pdd = 0, pdds = 0;
	unsigned n;
	int err;

	bind_all(st, q);
	err = mbuf_printf(mb, "{\"from\":%llu,\"to\":%llu,\"dispositions\":{",
			  q->from, q->to);

	for (n=0; !err; n++) {

		const char *name;

		err = query_row(st);
		if (err)
			break;

		name = (const char *)sqlite3_column_text(st->stmt, 0);
		err = mbuf_printf(mb, "%s\"%H\":%lld", n ? "," : "",
				  utf8_encode, name ? name : "",
				  sqlite3_column_int64(st->stmt, 1));
		all  += sqlite3_column_int64(st->stmt, 1);
		if (name && !strcmp(name, "ANSWERED"))
			answered += sqlite3_column_int64(st->stmt, 1);
		effective += sqlite3_column_int64(st->stmt, 2);
		bill += sqlite3_column_int64(st->stmt, 3);
		pdd  += sqlite3_column_int64(st->stmt, 4);
		pdds += sqlite3_column_int64(st->stmt, 5);
	}
	if (err != ENOENT)
		return err;

	err  = mbuf_printf(mb, "},\"calls\":%lld,\"bill_ms\":%lld", all, bill);
	err |= ratio(mb, "asr", answered, all);
	err |= ratio(mb, "ner", effective, all);
	err |= ratio(mb, "pdd_avg_ms", pdd, pdds);
	err |= ratio(mb, "bill_avg_ms", bill, answered);

	return err ? ENOMEM : 0;
}


/* Hours that had calls, counted from where the search begins: of a day, say */
static int hours(struct hub_store *s, const struct search *q, struct mbuf *mb,
		 char *why, size_t size)
{
	struct query st;
	unsigned n;
	int err;

	if (q->to - q->from > DAYS)
		return mbuf_write_str(mb, ",\"hours\":null}");

	err = query_begin(&st, s, HOURS, NULL, why, size);
	if (err)
		return query_end(&st, err);

	bind_all(&st, q);
	err = mbuf_write_str(mb, ",\"hours\":[");
	for (n=0; !err; n++) {

		err = query_row(&st);
		if (err)
			break;

		err = mbuf_printf(mb, "%s{\"from\":%llu,\"calls\":%lld,"
				  "\"answered\":%lld}", n ? "," : "", q->from +
				  (uint64_t)sqlite3_column_int64(st.stmt, 0) *
				  HOUR, sqlite3_column_int64(st.stmt, 1),
				  sqlite3_column_int64(st.stmt, 2));
	}
	if (err == ENOENT)
		err = mbuf_write_str(mb, "]}");

	return query_end(&st, err);
}


/**
 * Look for records, on the thread that has the database open
 *
 * @param s    Database
 * @param q    What is looked for
 * @param mb   Set to what was found, JSON
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, ENOENT if there is no record of that id, ETIMEDOUT if it
 *         took too long, otherwise errorcode
 */
int search_run(struct hub_store *s, const struct search *q, struct mbuf *mb,
	       char *why, size_t size)
{
	struct query st;
	uint64_t end;
	int err;

	if (!s || !q || !mb || !why || !size)
		return EINVAL;

	end = mono_ms() + (q->ms ? q->ms : SEARCH_TIME);

	if (q->id[0]) {
		err = query_begin(&st, s, q->recording ? RECORDING :
				  q->timeline ?
				  TIMELINE :
				  "SELECT json FROM records WHERE id=?1",
				  q->id, why, size);
		return query_end(&st, err ? err : record(&st, mb));
	}

	err = query_begin(&st, s, q->sums ? SUMS : q->prefix[0]
			  ? RECORDS OF_PREFIX WHICH BEHIND
			  : RECORDS " WHERE" WHICH BEHIND, NULL, why, size);

	sqlite3_progress_handler(s->db, STEP, late_handler, &end);
	if (!err)
		err = q->sums ? sums(&st, q, mb) : records(&st, q, mb);
	if (!err && q->sums)
		err = hours(s, q, mb, why, size);
	sqlite3_progress_handler(s->db, 0, NULL, NULL);

	if (err && mono_ms() > end)
		err = ETIMEDOUT;

	return query_end(&st, err);
}
