/**
 * @file peer/jsep_media.c  Reading session descriptions: one m-line
 */
#include <string.h>
#include <re.h>
#include "../base/fmtp.h"
#include "peer.h"
#include "base/text.h"
#include "cand.h"
#include "jsep.h"


/** Static payload types that need no rtpmap (RFC 3551) */
static const struct {
	uint8_t pt;
	const char *name;
	uint32_t crate;
} staticv[] = {
	{ 0, "PCMU", 8000},
	{ 3, "GSM",  8000},
	{ 8, "PCMA", 8000},
	{ 9, "G722", 8000},
	{13, "CN",   8000},
	{18, "G729", 8000},
};

/** Feedback by what follows the payload type */
static const struct {
	const char *text;
	enum peer_fb fb;
} fbv[] = {
	{"nack",         PEER_FB_NACK},
	{"nack pli",     PEER_FB_NACK_PLI},
	{"ccm fir",      PEER_FB_CCM_FIR},
	{"goog-remb",    PEER_FB_REMB},
	{"transport-cc", PEER_FB_TWCC},
};


static struct peer_fmt *fmt_find(struct jsep_media *m, const struct pl *pt)
{
	uint32_t n;
	size_t i;

	if (text_u32(&n, pt, 127))
		return NULL;

	for (i=0; i<m->fmtc; i++) {
		if (m->fmtv[i].pt == n)
			return &m->fmtv[i];
	}

	return NULL;
}


static void fmt_init(struct peer_fmt *fmt, uint8_t pt)
{
	size_t i;

	fmt->pt = pt;
	fmt->ch = 1;

	for (i=0; i<ARRAY_SIZE(staticv); i++) {

		if (staticv[i].pt != pt)
			continue;

		str_ncpy(fmt->name, staticv[i].name,
			 sizeof(fmt->name));
		fmt->crate = staticv[i].crate;
	}
}


static size_t count_words(struct pl pl)
{
	struct pl word;
	size_t n = 0;

	while (n < JSEP_FMT_MAX && text_word(&pl, &word))
		++n;

	return n;
}


/**
 * Decode the formats of an m= line
 *
 * @param m  m-line, its formats are allocated
 * @param pl What follows the protocol
 *
 * @return 0 if success; ENOMEM; EBADMSG if there are none
 */
int jsep_media_formats(struct jsep_media *m, struct pl *pl)
{
	const size_t max = count_words(*pl);
	struct pl word;
	uint32_t pt;

	if (!max)
		return EBADMSG;

	m->fmtv = mem_zalloc(max * sizeof(*m->fmtv), NULL);
	if (!m->fmtv)
		return ENOMEM;

	while (m->fmtc < max && text_word(pl, &word)) {

		if (!m->firstfmt[0])
			(void)text_copy(m->firstfmt, sizeof(m->firstfmt),
					&word);

		if (!text_u32(&pt, &word, 127) && !fmt_find(m, &word))
			fmt_init(&m->fmtv[m->fmtc++], (uint8_t)pt);
	}

	return m->firstfmt[0] ? 0 : EBADMSG;
}


/* 111 opus/48000/2 */
static void decode_rtpmap(struct jsep_media *m, struct pl *pl)
{
	struct pl pt, name, rate, ch;
	struct peer_fmt fmt;
	struct peer_fmt *f;
	uint32_t n = 1;

	if (!text_word(pl, &pt))
		return;
	f = fmt_find(m, &pt);
	if (!f)
		return;

	fmt = *f;
	text_trim(pl);
	(void)text_split(pl, '/', &name, &rate);
	(void)text_split(&rate, '/', &rate, &ch);

	if (text_copy(fmt.name, sizeof(fmt.name), &name) ||
	    text_u32(&fmt.crate, &rate, 1000000) || !fmt.crate ||
	    (pl_isset(&ch) && text_u32(&n, &ch, 255)) || !n) {
		f->name[0] = '\0';
		return;
	}

	fmt.ch = (uint8_t)n;
	*f = fmt;
}


static void decode_fmtp(struct jsep_media *m, struct pl *pl)
{
	char fmtp[sizeof(((struct peer_fmt *)0)->fmtp)];
	struct peer_fmt *f;
	struct pl pt, fit;

	if (!text_word(pl, &pt))
		return;
	f = fmt_find(m, &pt);
	if (!f)
		return;

	/* without the longest of its parameters, if they are too long */
	text_trim(pl);
	fit = *pl;
	if (pl->l >= sizeof(fmtp) && !memchr(pl->p, '\0', pl->l)) {
		fmtp_fit(fmtp, sizeof(fmtp), pl);
		pl_set_str(&fit, fmtp);
	}

	/* what is no text may say anything: rather none of the format */
	if (text_copy(f->fmtp, sizeof(f->fmtp), &fit)) {
		f->name[0] = '\0';
		f->fmtp[0] = '\0';
		f->crate   = 0;
	}
}


static void decode_fb(struct jsep_media *m, struct pl *pl)
{
	struct peer_fmt *f = NULL;
	struct pl pt;
	uint32_t fb = 0;
	size_t i;

	if (!text_word(pl, &pt))
		return;

	text_trim(pl);
	for (i=0; i<ARRAY_SIZE(fbv); i++) {
		if (!pl_strcasecmp(pl, fbv[i].text))
			fb = fbv[i].fb;
	}

	if (pl_strcmp(&pt, "*")) {
		f = fmt_find(m, &pt);
		if (f)
			f->fb |= fb;
		return;
	}

	for (i=0; i<m->fmtc; i++)
		m->fmtv[i].fb |= fb;
}


static void add_ssrc(struct jsep_media *m, const struct pl *word)
{
	uint32_t ssrc;
	size_t i;

	if (text_u32(&ssrc, word, UINT32_MAX))
		return;

	for (i=0; i<m->ssrcc; i++) {
		if (m->ssrcv[i] == ssrc)
			return;
	}

	if (m->ssrcc < JSEP_SSRC_MAX)
		m->ssrcv[m->ssrcc++] = ssrc;
}


/* 3218981905 cname:x */
static void decode_ssrc(struct jsep_media *m, struct pl *pl)
{
	struct pl word;

	if (text_word(pl, &word))
		add_ssrc(m, &word);
}


/* FID 3218981905 3193965805 (RFC 5576): whatever they are to each other,
   they are of this m-line */
static void decode_ssrc_group(struct jsep_media *m, struct pl *pl)
{
	struct pl word;

	if (!text_word(pl, &word))
		return;

	while (text_word(pl, &word))
		add_ssrc(m, &word);
}


/**
 * Decode a b= line of an m-line (RFC 8866 section 5.8, RFC 3890)
 *
 * @param m  m-line
 * @param pl What follows "b="; types not known are passed over
 */
void jsep_media_bandwidth(struct jsep_media *m, const struct pl *pl)
{
	struct pl type, value;
	uint32_t n;

	(void)text_split(pl, ':', &type, &value);
	if (text_u32(&n, &value, UINT32_MAX))
		return;

	if (!pl_strcasecmp(&type, "AS"))
		m->as = min(n, UINT32_MAX / 1000) * 1000;
	else if (!pl_strcasecmp(&type, "TIAS"))
		m->tias = n;
}


/**
 * Tell each format of an m-line its retransmissions' (RFC 4588 section
 * 8.6), once all lines are read
 *
 * @param m m-line
 */
void jsep_media_rtx(struct jsep_media *m)
{
	size_t i;

	for (i=0; i<m->fmtc; i++) {
		const struct peer_fmt *rtx = &m->fmtv[i];
		struct peer_fmt *fmt;
		struct pl apt;

		if (str_casecmp(rtx->name, "rtx"))
			continue;

		jsep_fmtp_get(rtx->fmtp, "apt", &apt);
		fmt = fmt_find(m, &apt);
		if (fmt && fmt != rtx && fmt->crate == rtx->crate &&
		    !fmt->rtx)
			fmt->rtx = rtx->pt;
	}
}


/**
 * Decode an attribute that only m-lines have
 *
 * @param m     m-line
 * @param name  Name of the attribute
 * @param value Its value, may be empty
 */
void jsep_media_attr(struct jsep_media *m, const struct pl *name,
		     struct pl *value)
{
	if (!pl_strcasecmp(name, "mid"))
		(void)text_copy(m->mid, sizeof(m->mid), value);
	else if (!pl_strcasecmp(name, "rtpmap"))
		decode_rtpmap(m, value);
	else if (!pl_strcasecmp(name, "fmtp"))
		decode_fmtp(m, value);
	else if (!pl_strcasecmp(name, "rtcp-fb"))
		decode_fb(m, value);
	else if (!pl_strcasecmp(name, "ssrc"))
		decode_ssrc(m, value);
	else if (!pl_strcasecmp(name, "ssrc-group"))
		decode_ssrc_group(m, value);
	else if (!pl_strcasecmp(name, "extmap"))
		jsep_ext_decode(&m->ext, value);
	else if (!pl_strcasecmp(name, "rtcp-mux"))
		m->rtcp_mux = true;
	else if (!pl_strcasecmp(name, "rtcp-rsize"))
		m->rtcp_rsize = true;
	else if (!pl_strcasecmp(name, "bundle-only"))
		m->bundle_only = true;
	else if (!pl_strcasecmp(name, "ptime"))
		(void)text_u32(&m->ptime, value, 1000);
	else if (!pl_strcasecmp(name, "maxptime"))
		(void)text_u32(&m->maxptime, value, 1000);
}
