/**
 * @file mux.c  A file of sound and pictures, by libav
 */
#include <string.h>
#include <re.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include "recording.h"
#include "output.h"


struct rec_mux {
	AVFormatContext *fmt;   /**< (owner)                               */
	bool begun;             /**< Its head is written                   */
};

static const struct rec_container containerv[] = {
	{"ogg",  "ogg",  "libopus",   false, NULL},
	{"wav",  "wav",  "pcm_s16le", false, NULL},
	{"m4a",  "ipod", "aac",       false, "faststart"},
	{"mp4",  "mp4",  "aac",       true,  "faststart"},
	{"webm", "webm", "libopus",   true,  NULL},
};


/**
 * Find a format of files
 *
 * @param name Its name
 *
 * @return Format, NULL if there is none
 */
const struct rec_container *rec_container_find(const char *name)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(containerv); i++)
		if (!str_casecmp(containerv[i].name, name))
			return &containerv[i];

	return NULL;
}


/**
 * Say what went wrong in libav
 *
 * @param why  Set to that
 * @param size Its size
 * @param what What was to be done
 * @param e    Error of libav's
 *
 * @return Error code
 */
int rec_av_error(char *why, size_t size, const char *what, int e)
{
	char text[AV_ERROR_MAX_STRING_SIZE] = "";

	(void)av_strerror(e, text, sizeof(text));
	re_snprintf(why, size, "%s: %s", what, text);

	switch (e) {

	case AVERROR(ENOMEM): return ENOMEM;
	case AVERROR(ENOSPC): return ENOSPC;
	case AVERROR(EDQUOT): return EDQUOT;
	case AVERROR(EFBIG):  return EFBIG;
	default:              return EIO;
	}
}


static void destructor(void *arg)
{
	struct rec_mux *m = arg;

	if (!m->fmt)
		return;

	if (m->fmt->pb)
		(void)avio_closep(&m->fmt->pb);
	avformat_free_context(m->fmt);
}


/**
 * Begin a file
 *
 * @param mp   Pointer to allocated file
 * @param c    Its format
 * @param path Where it goes
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_mux_alloc(struct rec_mux **mp, const struct rec_container *c,
		  const char *path, char *why, size_t size)
{
	struct rec_mux *m;
	char url[1024];
	int e, err = 0;

	m = mem_zalloc(sizeof(*m), destructor);
	if (!m)
		return ENOMEM;

	if (re_snprintf(url, sizeof(url), "file:%s", path) < 0) {
		re_snprintf(why, size, "its path is too long");
		err = ENAMETOOLONG;
		goto out;
	}

	e = avformat_alloc_output_context2(&m->fmt, NULL, c->muxer, url);
	if (e >= 0)
		e = avio_open(&m->fmt->pb, url, AVIO_FLAG_WRITE);
	if (e < 0) {
		err = rec_av_error(why, size, c->name, e);
		goto out;
	}

	/* the same recording gives the same file, whenever it is made */
	m->fmt->flags |= AVFMT_FLAG_BITEXACT;

 out:
	if (err)
		mem_deref(m);
	else
		*mp = m;

	return err;
}


/**
 * Get libav's own of a file
 *
 * @param m File
 *
 * @return It (pointer)
 */
AVFormatContext *rec_mux_context(const struct rec_mux *m)
{
	return m->fmt;
}


/**
 * All tracks are known: write what stands in front
 *
 * @param m    File
 * @param c    Its format
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_mux_begin(struct rec_mux *m, const struct rec_container *c, char *why,
		  size_t size)
{
	AVDictionary *opts = NULL;
	int e;

	if (c->flags)
		(void)av_dict_set(&opts, "movflags", c->flags, 0);
	e = avformat_write_header(m->fmt, &opts);
	av_dict_free(&opts);
	if (e < 0)
		return rec_av_error(why, size, "the file's head", e);

	m->begun = true;

	return 0;
}


/**
 * Write a packet of a track
 *
 * @param m    File
 * @param pkt  Packet, in the track's time base; empty then
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_mux_put(struct rec_mux *m, AVPacket *pkt, char *why, size_t size)
{
	const int e = av_interleaved_write_frame(m->fmt, pkt);

	return e < 0 ? rec_av_error(why, size, "cannot write", e) : 0;
}


/**
 * It is all there: write what stands behind, and close it
 *
 * @param m    File
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_mux_end(struct rec_mux *m, char *why, size_t size)
{
	int e, c;

	e = av_write_trailer(m->fmt);
	c = avio_closep(&m->fmt->pb);
	if (e >= 0)
		e = c;

	return e < 0 ? rec_av_error(why, size, "cannot write its end", e) : 0;
}
