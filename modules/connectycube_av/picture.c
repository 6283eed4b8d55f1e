/**
 * @file connectycube_av/picture.c  Picture files: PNG and JPEG, by libavformat
 *
 * The size of a picture is bounded before anything of it is decoded.
 */
#include <re.h>
#include <rem.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
#include "av.h"


/** A file that is open */
struct picture {
	int64_t side_max;       /**< Largest width and height [pixels]     */
	AVFormatContext *fmt;   /**< File (owned)                          */
	AVCodecContext *dec;    /**< Decoder (owned)                       */
	AVPacket *pkt;          /**< Read (owned)                          */
	AVFrame *frame;         /**< Decoded (owned)                       */
};


static void destructor(void *data)
{
	struct picture *p = data;

	av_frame_free(&p->frame);
	av_packet_free(&p->pkt);
	avcodec_free_context(&p->dec);
	avformat_close_input(&p->fmt);
}


/* A text file may be a playlist to libavformat, which opens what it names:
   so nothing but pictures, and nothing but files */
static int open_file(struct picture *p, const char *file)
{
	AVDictionary *opt = NULL;
	char url[1024];
	int r;

	if (re_snprintf(url, sizeof(url), "file:%s", file) < 0)
		return ENAMETOOLONG;

	(void)av_dict_set(&opt, "format_whitelist",
			  "png_pipe,jpeg_pipe,image2", 0);
	(void)av_dict_set(&opt, "protocol_whitelist", "file", 0);

	r = avformat_open_input(&p->fmt, url, NULL, &opt);

	av_dict_free(&opt);

	return r < 0 ? EBADMSG : 0;
}


static bool codec_ok(enum AVCodecID id)
{
	return id == AV_CODEC_ID_PNG || id == AV_CODEC_ID_MJPEG;
}


static int open_decoder(struct picture *p)
{
	const AVCodecParameters *par;
	const AVCodec *codec;

	if (!p->fmt->nb_streams)
		return EBADMSG;

	par = p->fmt->streams[0]->codecpar;
	if (!codec_ok(par->codec_id))
		return EBADMSG;

	codec  = avcodec_find_decoder(par->codec_id);
	p->dec = avcodec_alloc_context3(codec);
	if (!p->dec)
		return ENOMEM;

	/* checked before any memory is taken for it */
	p->dec->max_pixels = p->side_max * p->side_max;
	p->dec->thread_count = 1;

	return avcodec_open2(p->dec, codec, NULL) < 0 ? EBADMSG : 0;
}


static int decode(struct picture *p)
{
	p->pkt   = av_packet_alloc();
	p->frame = av_frame_alloc();
	if (!p->pkt || !p->frame)
		return ENOMEM;

	if (av_read_frame(p->fmt, p->pkt) < 0 ||
	    avcodec_send_packet(p->dec, p->pkt) < 0)
		return EBADMSG;

	/* the end of it: a decoder may wait for more */
	(void)avcodec_send_packet(p->dec, NULL);

	if (avcodec_receive_frame(p->dec, p->frame) < 0)
		return EBADMSG;

	if (p->frame->width > p->side_max ||
	    p->frame->height > p->side_max)
		return EFBIG;

	return 0;
}


static int picture_open(struct picture **pp, const char *file,
			unsigned side_max)
{
	struct picture *p;
	int err;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->side_max = side_max;

	err = open_file(p, file);
	if (!err)
		err = open_decoder(p);
	if (!err)
		err = decode(p);

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


/* libswscale writes whole blocks, beyond the last pixel of a line too */
static int scale(AVFrame *dst, const AVFrame *src)
{
	struct SwsContext *sws;

	if (av_frame_get_buffer(dst, 0) < 0)
		return ENOMEM;

	sws = sws_getContext(src->width, src->height, src->format,
			     dst->width, dst->height, dst->format,
			     SWS_BICUBIC, NULL, NULL, NULL);
	if (!sws)
		return ENOTSUP;

	(void)sws_scale(sws, (const uint8_t *const *)src->data, src->linesize,
			0, src->height, dst->data, dst->linesize);

	sws_freeContext(sws);

	return 0;
}


static int copy(struct vidframe **framep, const AVFrame *src)
{
	struct vidframe f = {
		.fmt  = VID_FMT_YUV420P,
		.size = { src->width, src->height },
	};
	unsigned i;
	int err;

	for (i=0; i<3; i++) {
		f.data[i]     = src->data[i];
		f.linesize[i] = src->linesize[i];
	}

	err = vidframe_alloc(framep, f.fmt, &f.size);
	if (!err)
		vidframe_copy(*framep, &f);

	return err;
}


/* Of what is transparent the colour is shown that it has all the same */
static int convert(struct vidframe **framep, const AVFrame *src)
{
	AVFrame *dst;
	int err;

	dst = av_frame_alloc();
	if (!dst)
		return ENOMEM;

	dst->format = AV_PIX_FMT_YUV420P;
	dst->width  = max(src->width & ~1, 2);
	dst->height = max(src->height & ~1, 2);

	err = scale(dst, src);
	if (!err)
		err = copy(framep, dst);

	av_frame_free(&dst);

	return err;
}


/**
 * Read a picture file
 *
 * @param framep   Pointer to allocated picture, YUV420P, of the file's size
 *                 (rounded down to even)
 * @param file     Path of a PNG or JPEG file
 * @param side_max Largest width and height [pixels]
 *
 * @return 0 if success, EBADMSG if it is no such picture or damaged, EFBIG if
 *         the picture is too large, otherwise errorcode
 */
int picture_load(struct vidframe **framep, const char *file,
		 unsigned side_max)
{
	struct picture *p;
	int err;

	err = picture_open(&p, file, side_max);
	if (err)
		return err;

	err = convert(framep, p->frame);

	mem_deref(p);

	return err;
}
