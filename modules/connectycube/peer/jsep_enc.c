/**
 * @file peer/jsep_enc.c  Writing session descriptions of WebRTC
 *
 * What Chromium refuses silently if it is missing (mid, BUNDLE, rtcp-mux,
 * fingerprint, a decided setup) is always written. Ports stay 9 and
 * addresses 0.0.0.0 as RFC 8840 has it; the candidates say where to send.
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "cand.h"
#include "jsep.h"


/** What follows the payload type in a=rtcp-fb, in Chromium's order */
static const struct {
	enum peer_fb fb;
	const char *text;
} fbv[] = {
	{PEER_FB_REMB,     "goog-remb"},
	{PEER_FB_TWCC,     "transport-cc"},
	{PEER_FB_CCM_FIR,  "ccm fir"},
	{PEER_FB_NACK,     "nack"},
	{PEER_FB_NACK_PLI, "nack pli"},
};


static int encode_fb(struct mbuf *mb, const struct peer_fmt *fmt)
{
	size_t i;
	int err = 0;

	for (i=0; i<ARRAY_SIZE(fbv) && !err; i++) {
		if (fmt->fb & fbv[i].fb)
			err = mbuf_printf(mb, "a=rtcp-fb:%u %s\r\n",
					  fmt->pt, fbv[i].text);
	}

	return err;
}


static int encode_rtx(struct mbuf *mb, const struct peer_fmt *fmt)
{
	if (!fmt->rtx)
		return 0;

	return mbuf_printf(mb, "a=rtpmap:%u rtx/%u\r\n"
			   "a=fmtp:%u apt=%u\r\n",
			   fmt->rtx, fmt->crate, fmt->rtx, fmt->pt);
}


static int encode_fmt(struct mbuf *mb, const struct peer_fmt *fmt)
{
	int err;

	err = mbuf_printf(mb, "a=rtpmap:%u %s/%u", fmt->pt, fmt->name,
			  fmt->crate);
	if (!err && fmt->ch > 1)
		err = mbuf_printf(mb, "/%u", fmt->ch);
	if (!err)
		err = mbuf_write_str(mb, "\r\n");
	if (!err)
		err = encode_fb(mb, fmt);
	if (!err && fmt->fmtp[0])
		err = mbuf_printf(mb, "a=fmtp:%u %s\r\n", fmt->pt, fmt->fmtp);
	if (!err)
		err = encode_rtx(mb, fmt);

	return err;
}


static int encode_mid(struct mbuf *mb, const struct jsep_mline *m)
{
	if (!m->mid || !m->mid[0])
		return 0;

	return mbuf_printf(mb, "a=mid:%s\r\n", m->mid);
}


static int encode_rejected(struct mbuf *mb, const struct jsep_mline *m)
{
	int err;

	err = mbuf_printf(mb, "m=%s 0 %s %s\r\n"
			  "c=IN IP4 0.0.0.0\r\n"
			  "a=inactive\r\n",
			  m->type, m->proto, m->firstfmt);
	if (!err)
		err = encode_mid(mb, m);

	return err;
}


/* Both: TIAS says it better, but not all apps know it (RFC 3890) */
static int encode_bandwidth(struct mbuf *mb, uint32_t bw)
{
	if (!bw)
		return 0;

	return mbuf_printf(mb, "b=AS:%u\r\nb=TIAS:%u\r\n",
			   bw / 1000 + (bw % 1000 != 0), bw);
}


static int encode_transport(struct mbuf *mb, const struct jsep_local *l)
{
	return mbuf_printf(mb, "a=rtcp:9 IN IP4 0.0.0.0\r\n"
			   "a=ice-ufrag:%s\r\n"
			   "a=ice-pwd:%s\r\n"
			   "a=ice-options:trickle\r\n"
			   "a=fingerprint:%H\r\n"
			   "a=setup:%s\r\n",
			   l->ufrag, l->pwd, jsep_fpr_print, &l->fpr,
			   jsep_setup_name(l->setup));
}


static int encode_cands(struct mbuf *mb, const struct jsep_local *l)
{
	size_t i;
	int err = 0;

	for (i=0; i<l->candc && !err; i++)
		err = mbuf_printf(mb, "a=%H\r\n", cand_print, &l->candv[i]);

	if (!err && l->cands_end)
		err = mbuf_write_str(mb, "a=end-of-candidates\r\n");

	return err;
}


static int encode_formats(struct mbuf *mb, const struct jsep_mline *m)
{
	size_t i;
	int err = 0;

	for (i=0; i<m->fmtc && !err; i++)
		err = encode_fmt(mb, &m->fmtv[i]);

	if (!err && m->ptime)
		err = mbuf_printf(mb, "a=ptime:%u\r\n", m->ptime);
	if (!err && m->maxptime)
		err = mbuf_printf(mb, "a=maxptime:%u\r\n", m->maxptime);

	return err;
}


/* msid stands twice, since apps older than unified plan read it of ssrc */
static int encode_ssrc(struct mbuf *mb, const struct jsep_local *l,
		       const struct jsep_mline *m, uint32_t ssrc)
{
	return mbuf_printf(mb, "a=ssrc:%u cname:%s\r\n"
			   "a=ssrc:%u msid:%s %s\r\n",
			   ssrc, l->cname, ssrc, l->stream, m->track);
}


static int encode_source(struct mbuf *mb, const struct jsep_local *l,
			 const struct jsep_mline *m)
{
	int err = 0;

	if (!(m->dir & SDP_SENDONLY))
		return 0;

	if (m->ssrc_rtx)
		err = mbuf_printf(mb, "a=ssrc-group:FID %u %u\r\n", m->ssrc,
				  m->ssrc_rtx);
	if (!err)
		err = encode_ssrc(mb, l, m, m->ssrc);
	if (!err && m->ssrc_rtx)
		err = encode_ssrc(mb, l, m, m->ssrc_rtx);

	return err;
}


/* What stands before the attributes (RFC 8866 section 5) */
static int encode_mline(struct mbuf *mb, const struct jsep_mline *m)
{
	size_t i;
	int err;

	err = mbuf_printf(mb, "m=%s 9 %s", m->type, m->proto);
	for (i=0; i<m->fmtc && !err; i++) {
		err = mbuf_printf(mb, " %u", m->fmtv[i].pt);
		if (!err && m->fmtv[i].rtx)
			err = mbuf_printf(mb, " %u", m->fmtv[i].rtx);
	}
	if (!err)
		err = mbuf_write_str(mb, "\r\nc=IN IP4 0.0.0.0\r\n");
	if (!err)
		err = encode_bandwidth(mb, m->bandwidth);

	return err;
}


static int encode_media(struct mbuf *mb, const struct jsep_local *l,
			const struct jsep_mline *m, bool first)
{
	int err;

	err = encode_mline(mb, m);
	if (!err)
		err = encode_transport(mb, l);
	if (!err && first)
		err = encode_cands(mb, l);
	if (!err)
		err = encode_mid(mb, m);
	if (!err)
		err = mbuf_printf(mb, "%Ha=%s\r\n", jsep_ext_print, &m->ext,
				  sdp_dir_name(m->dir));
	if (!err && m->dir & SDP_SENDONLY)
		err = mbuf_printf(mb, "a=msid:%s %s\r\n", l->stream,
				  m->track);
	if (!err)
		err = mbuf_printf(mb, "a=rtcp-mux\r\n%s",
				  m->rtcp_rsize ? "a=rtcp-rsize\r\n" : "");
	if (!err)
		err = encode_formats(mb, m);
	if (!err)
		err = encode_source(mb, l, m);

	return err;
}


static int encode_group(struct mbuf *mb, const struct jsep_local *l)
{
	size_t i;
	int err;

	if (!l->group)
		return 0;

	err = mbuf_write_str(mb, "a=group:BUNDLE");
	for (i=0; i<l->mc && !err; i++) {
		if (!l->mv[i].rejected)
			err = mbuf_printf(mb, " %s", l->mv[i].mid);
	}
	if (!err)
		err = mbuf_write_str(mb, "\r\n");

	return err;
}


/**
 * Encode a session description, lines ending with CRLF
 *
 * @param mb Buffer, written at its position
 * @param l  What to write
 *
 * @return 0 if success, EINVAL, ENOMEM
 */
int jsep_encode(struct mbuf *mb, const struct jsep_local *l)
{
	bool first = true;
	size_t i;
	int err;

	if (!mb || !l)
		return EINVAL;

	err = mbuf_printf(mb, "v=0\r\n"
			  "o=- %llu %u IN IP4 127.0.0.1\r\n"
			  "s=-\r\n"
			  "t=0 0\r\n", l->id, l->ver);
	if (!err)
		err = encode_group(mb, l);
	if (!err)
		err = mbuf_printf(mb, "a=msid-semantic: WMS %s\r\n",
				  l->stream);

	for (i=0; i<l->mc && !err; i++) {

		if (l->mv[i].rejected) {
			err = encode_rejected(mb, &l->mv[i]);
			continue;
		}

		err = encode_media(mb, l, &l->mv[i], first);
		first = false;
	}

	return err;
}
