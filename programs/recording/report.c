/**
 * @file report.c  What is said of a recording
 *
 * Pure.
 */
#include <math.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include "recording.h"
#include "output.h"


static const char *side_name(bool app)
{
	return app ? "app" : "phone";
}


static size_t packets_of(const struct rec *rec, size_t fmt)
{
	size_t i, k, n = 0;

	for (i=0; i<rec->streamc; i++)
		for (k=0; k<rec->streamv[i].pktc; k++)
			n += rec->streamv[i].pktv[k].fmt == fmt;

	return n;
}


static json_t *undecoded(const struct rec *rec)
{
	json_t *v = json_array();
	size_t i, n;

	for (i=0; i<rec->fmtc; i++) {

		const struct rec_format *f = &rec->fmtv[i];

		if (f->kind != REC_AUDIO || rec_dec_known(&f->f))
			continue;

		n = packets_of(rec, i);
		if (n)
			(void)json_array_append_new(v, json_pack(
				"{s:s, s:s, s:I}", "codec", f->f.codec,
				"side", side_name(f->f.app),
				"packets", (json_int_t)n));
	}

	return v;
}


static void set(json_t *o, const char *name, uint64_t v)
{
	(void)json_object_set_new(o, name, json_integer((json_int_t)v));
}


static void set_end(json_t *o, const struct rec *rec)
{
	json_t *v = json_object_get(rec->end, "dropped");

	(void)json_object_set_new(o, "state", json_string(rec_state(rec)));
	(void)json_object_set_new(o, "reason", json_string(rec_reason(rec)));
	set(o, "dropped", json_is_integer(v) && json_integer_value(v) > 0
	    ? (uint64_t)json_integer_value(v) : 0);
}


/**
 * Say what has become of a recording
 *
 * @param rec What is in the raw file
 * @param res The finished file
 *
 * @return JSON object, NULL if there is no memory
 */
json_t *rec_report(const struct rec *rec, const struct rec_result *res)
{
	json_t *o = json_object();

	if (!o)
		return NULL;

	(void)json_object_set_new(o, "id", json_string(rec->id));
	(void)json_object_set_new(o, "file", json_string(res->file));
	(void)json_object_set_new(o, "format", json_string(res->format));
	set(o, "duration_ms", (rec->us + 500) / 1000);
	set(o, "bytes", res->bytes);
	(void)json_object_set_new(o, "sha256", json_string(res->sha256));
	set(o, "channels", REC_SIDES);
	set_end(o, rec);
	set(o, "paused_ms", rec_paused_us(rec) / 1000);
	set(o, "gap_ms", rec_gap_us(rec) / 1000);
	set(o, "lost_packets", res->loss.packets);
	set(o, "lost_ms", (uint64_t)llrint(res->loss.ms));
	set(o, "broken_packets", res->loss.broken + rec->bad);
	set(o, "unknown_packets", rec->unknown);
	(void)json_object_set_new(o, "undecoded", undecoded(rec));
	if (res->video)
		(void)json_object_set(o, "video", res->video);

	return o;
}


static int print_format(struct re_printf *pf, const struct rec *rec, size_t i)
{
	const struct rec_format *f = &rec->fmtv[i];

	return re_hprintf(pf, "format leg=%u side=%s %s %s/%u/%u pt=%u"
			  " packets=%zu%s%s%s\n", f->leg,
			  side_name(f->f.app), f->f.video ? "video" : "audio",
			  f->f.codec, f->f.clock, f->f.channels, f->f.pt,
			  packets_of(rec, i), f->f.fmtp[0] ? " fmtp=" : "",
			  f->f.fmtp,
			  f->kind == REC_AUDIO && !rec_dec_known(&f->f)
			  ? " (cannot be decoded)" : "");
}


static int print_stream(struct re_printf *pf, const struct rec_stream *st)
{
	const struct rec_packet *last = &st->pktv[st->pktc - 1];

	return re_hprintf(pf, "stream leg=%u side=%s %s packets=%zu"
			  " from=%.3f to=%.3f\n", st->leg,
			  side_name(st->app), st->video ? "video" : "audio",
			  st->pktc, (double)st->pktv[0].us / 1e6,
			  (double)last->us / 1e6);
}


/**
 * Print what is in a raw file
 *
 * @param pf  Print handler
 * @param rec What is in it
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_info(struct re_printf *pf, const struct rec *rec)
{
	size_t i;
	int err;

	err = re_hprintf(pf, "recording id=%s seconds=%.3f state=%s"
			 " reason=%s%s bad=%llu unknown=%llu\n", rec->id,
			 (double)rec->us / 1e6, rec_state(rec),
			 rec_reason(rec), rec->torn ? " torn" : "",
			 (unsigned long long)rec->bad,
			 (unsigned long long)rec->unknown);

	for (i=0; i<rec->fmtc && !err; i++)
		err = print_format(pf, rec, i);
	for (i=0; i<rec->streamc && !err; i++)
		err = print_stream(pf, &rec->streamv[i]);
	for (i=0; i<rec->pausec && !err; i++)
		err = re_hprintf(pf, "pause from=%.3f to=%.3f\n",
				 (double)rec->pausev[i].from / 1e6,
				 (double)rec->pausev[i].to / 1e6);

	return err;
}
