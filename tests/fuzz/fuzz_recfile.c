/**
 * @file fuzz_recfile.c  Raw files of recordings: what is heard and seen of them
 *
 * The check sums of what is found are set right, else little would get in.
 */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <re.h>
#include <libavutil/log.h>
#include "audio/audio.h"
#include "video/video.h"
#include "recording/recording.h"
#include "recording/pictures.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void set_sums(uint8_t *p, size_t len)
{
	size_t pos = RECFILE_HEAD;

	while (pos < len && len - pos >= RECFILE_CHUNK) {

		const size_t n = (size_t)p[pos + 6] << 8 | p[pos + 7];
		uint32_t crc;

		if (p[pos + 4] || p[pos + 5] || n > len - pos - RECFILE_CHUNK)
			return;

		crc = htonl((uint32_t)crc32(0, p + pos, (uInt)(16 + n)));
		memcpy(p + pos + 16 + n, &crc, sizeof(crc));
		pos += RECFILE_CHUNK + n;
	}
}


static void look_at(const struct rec *rec)
{
	struct rec_side *s;
	struct rec_sight sight;
	struct rec_frame fr;
	double last = -1e300;
	unsigned app;

	for (app=0; app<REC_SIDES; app++) {

		if (rec_side_look(&sight, rec, app) ||
		    rec_side_alloc(&s, rec, app))
			abort();
		mem_deref(sight.head);

		for (; rec_side_next(s, &fr); --sight.frames) {
			if (!fr.len || !fr.p || !(fr.pos >= last))
				abort();
			last = fr.pos;
		}
		if (sight.frames)
			abort();
		last = -1e300;
		mem_deref(s);
	}
}


static void listen_to(struct rec *rec)
{
	struct rec_timeline *tl;
	int16_t v[2 * 960];
	uint64_t sum = 0;
	size_t n = 0;

	/* a day of silence is no finding */
	if (rec->us > 500000)
		rec->us = 500000;

	if (rec_timeline_alloc(&tl, rec, rec_best_rate(rec)))
		return;

	do {
		n = 960;
		if (rec_timeline_read(tl, v, &n))
			abort();
		sum += n;
	}
	while (n);

	if (sum != max(rec->us, (uint64_t)REC_LEAST) * rec_best_rate(rec) /
	    1000000)
		abort();

	mem_deref(tl);
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rec *rec = NULL;
	char why[128] = "";
	uint8_t *p;
	int err;

	av_log_set_level(AV_LOG_QUIET);

	p = malloc(size + 1);
	if (!p)
		return 0;
	memcpy(p, data, size);
	set_sums(p, size);

	err = rec_parse(&rec, p, size, why, sizeof(why));
	if (err && (rec || !why[0]))
		abort();
	if (!err) {
		look_at(rec);
		listen_to(rec);
	}

	mem_deref(rec);
	free(p);

	return 0;
}
