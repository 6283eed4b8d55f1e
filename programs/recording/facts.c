/**
 * @file facts.c  What is to be known of a raw file: pauses, gaps, how it ended
 *
 * Pure.
 */
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "recording.h"


/* How many begin before then; they do not overlap, and stand in order */
static size_t spans_before(const struct rec_span *spanv, size_t n, uint64_t us)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		const size_t mid = (lo + hi) / 2;

		if (spanv[mid].from < us)
			lo = mid + 1;
		else
			hi = mid;
	}

	return lo;
}


/**
 * Tell if nothing is to be heard
 *
 * @param rec   What is in the file
 * @param us    When [us]
 * @param until Set to how long it stays so [us]
 *
 * @return true if it was paused then
 */
bool rec_paused(const struct rec *rec, uint64_t us, uint64_t *until)
{
	const size_t n = spans_before(rec->pausev, rec->pausec, us + 1);
	const bool paused = n && us < rec->pausev[n - 1].to;

	*until = paused ? rec->pausev[n - 1].to
		: n < rec->pausec ? rec->pausev[n].from : UINT64_MAX;

	return paused;
}


/**
 * Tell how long it was paused
 *
 * @param rec What is in the file
 *
 * @return Time [us]
 */
uint64_t rec_paused_us(const struct rec *rec)
{
	uint64_t us = 0;
	size_t i;

	for (i=0; rec && i<rec->pausec; i++)
		us += rec->pausev[i].to - rec->pausev[i].from;

	return us;
}


/**
 * Tell if nothing of anybody was kept for a while between two packets
 *
 * @param rec  What is in the file
 * @param from When the first one came [us]
 * @param to   When the second one came [us]
 *
 * @return true if so
 */
bool rec_gap_between(const struct rec *rec, uint64_t from, uint64_t to)
{
	const size_t i = spans_before(rec->gapv, rec->gapc, from);

	return i < rec->gapc && rec->gapv[i].to <= to;
}


/**
 * Tell how long nothing of anybody was kept, but for pauses
 *
 * @param rec What is in the file
 *
 * @return Time [us]
 */
uint64_t rec_gap_us(const struct rec *rec)
{
	uint64_t us = 0;
	size_t i;

	for (i=0; rec && i<rec->gapc; i++)
		us += rec->gapv[i].to - rec->gapv[i].from;

	return us;
}


static const char *end_text(const struct rec *rec, const char *name)
{
	return json_string_value(json_object_get(rec->end, name));
}


/**
 * Tell what has become of it
 *
 * @param rec What is in the file
 *
 * @return "complete", "degraded" or "failed"
 */
const char *rec_state(const struct rec *rec)
{
	const char *s = end_text(rec, "state");

	return !rec->end ? "degraded" : s ? s : "complete";
}


/**
 * Tell why
 *
 * @param rec What is in the file
 *
 * @return What its writer said, "crash" if that died
 */
const char *rec_reason(const struct rec *rec)
{
	const char *s = end_text(rec, "reason");

	return !rec->end ? "crash" : s ? s : "";
}


/**
 * Tell if there are pictures
 *
 * @param rec What is in the file
 *
 * @return true if so
 */
bool rec_has_video(const struct rec *rec)
{
	size_t i;

	for (i=0; rec && i<rec->streamc; i++)
		if (rec->streamv[i].video)
			return true;

	return false;
}
