/**
 * @file connectycube_hub/sink/formcsv.c  What columns CSV has; see docs/HUB.md
 *
 * Texts are in quotes, numbers are not, and what is not known is empty. Times
 * are UTC.
 */
#include <errno.h>
#include <sqlite3.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_tmr.h>
#include "../hub.h"
#include "sink.h"


#define TEXT(path) "json_extract(json,'$." path "')"

/* A party's number: the user part of its address, or the app's user */
#define USER(uri) \
	"CASE WHEN instr(" uri ",'@') THEN substr(" uri ",instr(" uri \
	",':')+1,instr(" uri ",'@')-instr(" uri ",':')-1) ELSE " uri " END"
#define PARTY(side) \
	"coalesce(" TEXT(side ".user") "," USER(TEXT(side ".uri")) "," \
	TEXT(side ".number") ",'')"
#define CHANNEL(side) \
	"coalesce(" TEXT(side ".side") ",'')||'/'||coalesce(" \
	TEXT(side ".user") "," TEXT(side ".uri") ",'')"

/* As of ISO 8601, and as Asterisk writes it */
#define WHEN(path) "strftime('%Y-%m-%dT%H:%M:%fZ'," TEXT(path) \
	"/1000.0,'unixepoch')"
#define STAMP(path) "strftime('%Y-%m-%d %H:%M:%S'," TEXT(path) \
	"/1000,'unixepoch')"

/* Their ids, joined by blanks. json_each() has a column `json`, too. What is no
   object may be no JSON either, and would be an error of all */
#define RECORDINGS \
	"(SELECT group_concat(CASE WHEN type='object' THEN" \
	" json_extract(value,'$.id') END,' ') FROM" \
	" json_each(records.json,'$.recordings'))"

static const char full_head[] =
	"id,linked_id,host,extension,direction,from,from_name,to,to_name,"
	"start,answer,end,ring_ms,bill_ms,hold_ms,disposition,class,reason,"
	"sip_code,q850,hung_up_by,call_id,session,department,trace,"
	"tag_local,tag_remote,recordings,channel,channel_linked,kind\r\n";

static const char full[] =
	"id," TEXT("linked_id") "," TEXT("host") "," TEXT("extension") ","
	TEXT("direction") "," PARTY("from") "," TEXT("from.name") ","
	PARTY("to") "," TEXT("to.name") "," WHEN("t_start") ","
	WHEN("t_answer") "," WHEN("t_end") "," TEXT("ring_ms") ","
	TEXT("bill_ms") "," TEXT("hold_ms") "," TEXT("disposition") ","
	TEXT("class") "," TEXT("reason") "," TEXT("sip_code") ","
	TEXT("q850") "," TEXT("hung_up_by") "," TEXT("call_id") ","
	TEXT("session") "," TEXT("department") "," TEXT("trace") ","
	TEXT("tag_local") "," TEXT("tag_remote") "," RECORDINGS ","
	TEXT("channel") "," TEXT("channel_linked") ","
	"coalesce(" TEXT("kind") ",'bridge')";

/* accountcode, src, dst, dcontext, clid, channel, dstchannel, lastapp,
   lastdata, start, answer, end, duration, billsec, disposition, amaflags,
   uniqueid, userfield */
static const char master[] =
	"coalesce(" TEXT("extension") ",'')," PARTY("from") "," PARTY("to")
	",'connectycube','\"'||coalesce(" TEXT("from.name") ",'')||'\" <'||"
	PARTY("from") "||'>'," CHANNEL("from") "," CHANNEL("to") ","
	"'Dial'," CHANNEL("to") "," STAMP("t_start") "," STAMP("t_answer")
	"," STAMP("t_end") ",max(coalesce((" TEXT("t_end") "-"
	TEXT("t_start") ")/1000,0),coalesce(" TEXT("bill_ms") "/1000,0)),"
	"coalesce(" TEXT("bill_ms") "/1000,0),"
	"CASE " TEXT("disposition") " WHEN 'NO_ANSWER' THEN 'NO ANSWER'"
	" WHEN 'CANCELED' THEN 'NO ANSWER' WHEN 'REJECTED' THEN 'BUSY'"
	" ELSE coalesce(" TEXT("disposition") ",'FAILED') END,"
	"'DOCUMENTATION',id,coalesce(" TEXT("reason") ",'')";

enum { MASTER_ID = 16 };        /* column of uniqueid */


static int print_field(struct mbuf *mb, struct sqlite3_stmt *row, int i,
		       bool guard)
{
	const char *str;

	switch (sqlite3_column_type(row, i)) {

	case SQLITE_NULL:
		return 0;

	case SQLITE_INTEGER:
		return mbuf_printf(mb, "%lli",
				   (long long)sqlite3_column_int64(row, i));

	default:
		str = (const char *)sqlite3_column_text(row, i);
		if (!str)
			return ENOMEM;

		return hub_csv_text(mb, str,
				    (size_t)sqlite3_column_bytes(row, i),
				    guard);
	}
}


static int print(struct mbuf *mb, struct sqlite3_stmt *row,
		 const struct hub_form *form)
{
	const int n = sqlite3_column_count(row);
	int i, err = 0;

	/* the first one is the number of the row */
	for (i=1; i<n && !err; i++) {
		if (i > 1)
			err = mbuf_write_u8(mb, ',');
		if (!err)
			err = print_field(mb, row, i, form->guard);
	}

	return err ? err : mbuf_write_str(mb, form->head ? "\r\n" : "\n");
}


static int get_id(char *id, size_t size, const char *line, size_t len,
		  const struct hub_form *form)
{
	int err;

	if (len && line[len - 1] == '\r')
		--len;

	err = hub_csv_field(id, size, line, len, form->id_col);
	if (!err && form->guard)
		hub_csv_unguard(id);

	return err;
}


/**
 * Get a form of CSV
 *
 * @param form  Filled in
 * @param which Which one
 * @param guard No field is a formula; only of the full form
 */
void hub_form_csv(struct hub_form *form, enum hub_csv_form which, bool guard)
{
	const bool is_full = which == HUB_CSV_FULL;
	const struct hub_form csv = {
		.columns = is_full ? full : master,
		.head    = is_full ? full_head : NULL,
		.guard   = is_full && guard,
		.print   = print,
		.id      = get_id,
		.id_col  = is_full ? 0 : MASTER_ID,
	};

	*form = csv;
}
