/**
 * @file video/payload/h264_fmtp.c  H.264 in SDP: format parameters (RFC 6184, 8.1)
 *
 *   profile-level-id=42e01f;packetization-mode=1;level-asymmetry-allowed=1
 *
 * Phones write these in all kinds of ways. What cannot be read is taken for
 * not stated; only a packetization-mode that we do not know stops us, for
 * its packets could not be read.
 */
#include <ctype.h>
#include <string.h>
#include <re.h>
#include "audio/audio.h"
#include "video/video.h"
#include "h264.h"


enum {
	B64_MAX  = 4 * ((H264_PS_MAX + 2) / 3), /**< Of H264_PS_MAX bytes  */
	MODE_MAX = 2,           /**< Interleaved                           */
};


/* --- reading ------------------------------------------------------------ */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '"';
}


static void trim(struct pl *pl)
{
	while (pl->l && is_blank(pl->p[0])) {
		++pl->p;
		--pl->l;
	}

	while (pl->l && is_blank(pl->p[pl->l - 1]))
		--pl->l;
}


/* Cut off what is before a separator; all of it if there is none */
static struct pl cut(struct pl *pl, char sep)
{
	struct pl head = *pl;
	const char *p = pl->l ? memchr(pl->p, sep, pl->l) : NULL;

	head.l = p ? (size_t)(p - pl->p) : pl->l;
	pl_advance(pl, (ssize_t)(p ? head.l + 1 : head.l));
	trim(&head);

	return head;
}


static bool is_hex(const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++) {
		if (!isxdigit((unsigned char)pl->p[i]))
			return false;
	}

	return true;
}


static bool is_number(const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++) {
		if (!isdigit((unsigned char)pl->p[i]))
			return false;
	}

	return pl->l > 0 && pl->l < 10;
}


static uint32_t number(const struct pl *pl)
{
	return is_number(pl) ? pl_u32(pl) : 0;
}


static void profile_decode(struct h264_fmtp *f, const struct pl *val)
{
	uint32_t v;

	if (val->l != 6 || !is_hex(val))
		return;

	v = pl_x32(val);

	f->stated  = true;
	f->profile = v >> 16;
	f->iop     = v >> 8 & 0xff;
	f->level   = v & 0xff;
}


static bool is_b64(const struct pl *pl)
{
	size_t i;

	for (i = 0; i < pl->l; i++) {

		const char c = pl->p[i];

		if (!isalnum((unsigned char)c) && c != '+' && c != '/')
			return false;
	}

	return pl->l % 4 != 1;
}


/* Some leave out the padding, since it looks like a parameter's "=" */
static int b64_decode(uint8_t *buf, size_t *len, struct pl pl)
{
	char in[B64_MAX + 4];
	size_t n;

	while (pl.l && pl.p[pl.l - 1] == '=')
		--pl.l;

	if (!pl.l || pl.l > B64_MAX || !is_b64(&pl))
		return EBADMSG;

	memcpy(in, pl.p, pl.l);
	for (n = pl.l; n % 4; n++)
		in[n] = '=';

	return base64_decode(in, n, buf, len);
}


static void sprop_decode(struct h264_fmtp *f, struct pl val)
{
	while (val.l) {

		uint8_t buf[B64_MAX];
		size_t len = sizeof(buf);

		if (b64_decode(buf, &len, cut(&val, ',')) ||
		    len < 2 || len > H264_PS_MAX)
			continue;

		/* the first of a kind is the one that is in use */
		if (h264_type(buf[0]) == H264_SPS && !f->spslen) {
			memcpy(f->sps, buf, len);
			f->spslen = len;
		}
		else if (h264_type(buf[0]) == H264_PPS && !f->ppslen) {
			memcpy(f->pps, buf, len);
			f->ppslen = len;
		}
	}
}


static int mode_decode(struct h264_fmtp *f, const struct pl *val)
{
	if (!is_number(val) || number(val) > MODE_MAX)
		return EBADMSG;

	f->mode = number(val);

	return 0;
}


static int param_decode(struct h264_fmtp *f, const struct pl *name,
			const struct pl *val)
{
	if (!pl_strcasecmp(name, "packetization-mode"))
		return mode_decode(f, val);

	if (!pl_strcasecmp(name, "profile-level-id"))
		profile_decode(f, val);
	else if (!pl_strcasecmp(name, "level-asymmetry-allowed"))
		f->asymmetry = number(val) == 1;
	else if (!pl_strcasecmp(name, "max-mbps"))
		f->max_mbps = number(val);
	else if (!pl_strcasecmp(name, "max-fs"))
		f->max_fs = number(val);
	else if (!pl_strcasecmp(name, "max-br"))
		f->max_br = number(val);
	else if (!pl_strcasecmp(name, "sprop-parameter-sets"))
		sprop_decode(f, *val);

	return 0;
}


/**
 * Read the format parameters of H.264. Case, order and blanks do not matter;
 * unknown parameters and values that cannot be read are left out. Of
 * sprop-parameter-sets the first SPS and the first PPS are kept
 *
 * @param f    Set only on success
 * @param fmtp Format parameters; NULL or empty is Baseline, level 1, mode 0
 *             (RFC 6184, 8.1)
 *
 * @return 0 if success, EINVAL for a missing argument, EBADMSG for a
 *         packetization-mode that is not 0, 1 or 2
 */
int h264_fmtp_decode(struct h264_fmtp *f, const char *fmtp)
{
	struct h264_fmtp v;
	struct pl pl;

	if (!f)
		return EINVAL;

	memset(&v, 0, sizeof(v));
	v.profile = 66;
	v.level   = 10;

	pl_set_str(&pl, fmtp ? fmtp : "");

	while (pl.l) {
		struct pl val = cut(&pl, ';');
		const struct pl name = cut(&val, '=');
		int err;

		trim(&val);
		err = param_decode(&v, &name, &val);
		if (err)
			return err;
	}

	*f = v;

	return 0;
}


/* --- printing ----------------------------------------------------------- */

static int print_max(struct re_printf *pf, const char *name, uint32_t v)
{
	return v ? re_hprintf(pf, ";%s=%u", name, v) : 0;
}


static int print_sprop(struct re_printf *pf, const struct h264_fmtp *f)
{
	int err;

	if (!f->spslen || !f->ppslen)
		return 0;

	err  = re_hprintf(pf, ";sprop-parameter-sets=");
	err |= base64_print(pf, f->sps, f->spslen);
	err |= re_hprintf(pf, ",");
	err |= base64_print(pf, f->pps, f->ppslen);

	return err;
}


/**
 * Print the format parameters of H.264, as h264_fmtp_decode() reads them
 *
 * @param pf Print function
 * @param f  Format parameters
 *
 * @return 0 if success, otherwise errorcode
 */
int h264_fmtp_print(struct re_printf *pf, const struct h264_fmtp *f)
{
	int err;

	if (!f)
		return 0;

	err = re_hprintf(pf, "profile-level-id=%02x%02x%02x"
			 ";packetization-mode=%u",
			 f->profile, f->iop, f->level, f->mode);

	if (f->asymmetry)
		err |= re_hprintf(pf, ";level-asymmetry-allowed=1");

	err |= print_max(pf, "max-mbps", f->max_mbps);
	err |= print_max(pf, "max-fs", f->max_fs);
	err |= print_max(pf, "max-br", f->max_br);
	err |= print_sprop(pf, f);

	return err;
}
