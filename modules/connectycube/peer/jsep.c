/**
 * @file peer/jsep.c  Reading session descriptions of WebRTC
 *
 * Descriptions come from apps of any age through a server that may have
 * changed their line ends, and from whoever can reach the user: nothing in
 * them is trusted. Unknown lines and attributes are skipped; a line that is
 * malformed is skipped too, unless nothing could work without it.
 */
#include <string.h>
#include <re.h>
#include "peer.h"
#include "base/text.h"
#include "cand.h"
#include "jsep.h"


static void destructor(void *arg)
{
	struct jsep *jsep = arg;
	size_t i;

	for (i=0; i<jsep->mc; i++)
		mem_deref(jsep->mv[i].fmtv);
	mem_deref(jsep->candv);
}


static int decode_mline(struct jsep *jsep, struct pl *pl)
{
	struct jsep_media *m;
	struct pl word, count;
	uint32_t port;

	if (jsep->mc >= JSEP_MLINE_MAX)
		return EBADMSG;

	m = &jsep->mv[jsep->mc++];
	m->t = jsep->t;

	if (!text_word(pl, &word) ||
	    text_copy(m->type, sizeof(m->type), &word))
		return EBADMSG;

	if (!text_word(pl, &word))
		return EBADMSG;
	(void)text_split(&word, '/', &word, &count);
	if (text_u32(&port, &word, 65535))
		return EBADMSG;
	m->port = (uint16_t)port;

	if (!text_word(pl, &word) ||
	    text_copy(m->proto, sizeof(m->proto), &word))
		return EBADMSG;

	return jsep_media_formats(m, pl);
}


static int decode_cand(struct jsep *jsep, const struct pl *line)
{
	struct cand c;
	size_t i;

	if (jsep->candc >= JSEP_CAND_MAX || cand_decode(&c, line->p, line->l))
		return 0;

	if (!jsep->candv) {
		jsep->candv = mem_zalloc(JSEP_CAND_MAX * sizeof(c), NULL);
		if (!jsep->candv)
			return ENOMEM;
	}

	/* m-lines of one bundle repeat each other's */
	for (i=0; i<jsep->candc; i++) {
		if (sa_cmp(&jsep->candv[i].addr, &c.addr, SA_ALL) &&
		    jsep->candv[i].comp == c.comp)
			return 0;
	}
	jsep->candv[jsep->candc++] = c;

	return 0;
}


static void decode_setup(struct jsep_transp *t, const struct pl *value)
{
	int i;

	for (i=JSEP_ACTPASS; i<=JSEP_HOLDCONN; i++) {
		if (!pl_strcasecmp(value, jsep_setup_name(i)))
			t->setup = i;
	}
}


static void decode_options(struct jsep_transp *t, struct pl *value)
{
	struct pl word;

	while (text_word(value, &word)) {
		if (!pl_strcasecmp(&word, "trickle"))
			t->trickle = true;
	}
}


static bool decode_dir(struct jsep_transp *t, const struct pl *name)
{
	if (!pl_strcmp(name, "sendrecv"))
		t->dir = SDP_SENDRECV;
	else if (!pl_strcmp(name, "sendonly"))
		t->dir = SDP_SENDONLY;
	else if (!pl_strcmp(name, "recvonly"))
		t->dir = SDP_RECVONLY;
	else if (!pl_strcmp(name, "inactive"))
		t->dir = SDP_INACTIVE;
	else
		return false;

	return true;
}


static void decode_fpr(struct jsep_transp *t, const struct pl *value)
{
	if (t->fprc < JSEP_FPR_MAX &&
	    jsep_fpr_decode(&t->fprv[t->fprc], value->p, value->l))
		++t->fprc;
}


/* Attributes of the session and of m-lines alike; true if it was one */
static bool decode_transp(struct jsep_transp *t, const struct pl *name,
			  struct pl *value)
{
	if (!pl_strcasecmp(name, "ice-ufrag"))
		(void)text_copy(t->ufrag, sizeof(t->ufrag), value);
	else if (!pl_strcasecmp(name, "ice-pwd"))
		(void)text_copy(t->pwd, sizeof(t->pwd), value);
	else if (!pl_strcasecmp(name, "ice-options"))
		decode_options(t, value);
	else if (!pl_strcasecmp(name, "setup"))
		decode_setup(t, value);
	else if (!pl_strcasecmp(name, "fingerprint"))
		decode_fpr(t, value);
	else
		return decode_dir(t, name);

	return true;
}


static void decode_group(struct jsep *jsep, struct pl *value)
{
	struct pl word;

	if (jsep->has_group || !text_word(value, &word) ||
	    pl_strcasecmp(&word, "BUNDLE"))
		return;

	text_trim(value);
	if (!text_copy(jsep->group, sizeof(jsep->group), value))
		jsep->has_group = true;
}


static int decode_attr(struct jsep *jsep, struct pl *pl)
{
	struct jsep_media *m = jsep->mc ? &jsep->mv[jsep->mc - 1] : NULL;
	struct jsep_transp *t = m ? &m->t : &jsep->t;
	struct pl name, value;

	(void)text_split(pl, ':', &name, &value);

	if (!pl_strcasecmp(&name, "candidate"))
		return decode_cand(jsep, pl);

	if (!pl_strcasecmp(&name, "end-of-candidates")) {
		jsep->cands_end = true;
		return 0;
	}

	if (!pl_strcasecmp(&name, "ice-lite")) {
		jsep->lite = true;
		return 0;
	}

	/* the m-line's fingerprints replace the session's */
	if (m && !m->own_fpr && !pl_strcasecmp(&name, "fingerprint")) {
		m->own_fpr = true;
		t->fprc = 0;
	}

	if (decode_transp(t, &name, &value))
		return 0;

	if (m)
		jsep_media_attr(m, &name, &value);
	else if (!pl_strcasecmp(&name, "group"))
		decode_group(jsep, &value);

	return 0;
}


/* A group without any mid: Chromium takes it, with the order to go by */
static bool has_mids(const struct jsep *jsep)
{
	size_t i;

	for (i=0; i<jsep->mc; i++) {
		if (jsep->mv[i].mid[0])
			return true;
	}

	return false;
}


static void mark_bundled(struct jsep *jsep)
{
	struct pl group, mid;
	size_t i;

	for (i=0; i<jsep->mc && jsep->has_group && !has_mids(jsep); i++)
		jsep->mv[i].bundled = true;

	pl_set_str(&group, jsep->group);

	while (text_word(&group, &mid)) {

		for (i=0; i<jsep->mc; i++) {
			if (!pl_strcmp(&mid, jsep->mv[i].mid))
				jsep->mv[i].bundled = true;
		}
	}
}


static int decode_lines(struct jsep *jsep, struct pl *pl)
{
	struct pl line;
	int err = 0;

	if (!text_line(pl, &line) || pl_strcmp(&line, "v=0"))
		return EBADMSG;

	while (!err && text_line(pl, &line)) {

		if (text_skip(&line, "m="))
			err = decode_mline(jsep, &line);
		else if (text_skip(&line, "a="))
			err = decode_attr(jsep, &line);
		else if (jsep->mc && text_skip(&line, "b="))
			jsep_media_bandwidth(&jsep->mv[jsep->mc - 1], &line);
	}

	return err;
}


/**
 * Decode a session description
 *
 * @param jsepp Pointer to allocated description
 * @param sdp   Text; line ends may be CRLF, LF or CR
 * @param len   Length of the text [bytes]
 *
 * @return 0 if success; EINVAL, ENOMEM; EBADMSG if it is not SDP, has no
 *         m-line, or more than JSEP_MLINE_MAX, or is too long
 */
int jsep_decode(struct jsep **jsepp, const char *sdp, size_t len)
{
	struct jsep *jsep;
	struct pl pl;
	size_t i;
	int err;

	if (!jsepp || !sdp)
		return EINVAL;

	if (len > JSEP_SDP_MAX)
		return EBADMSG;

	jsep = mem_zalloc(sizeof(*jsep), destructor);
	if (!jsep)
		return ENOMEM;

	jsep->t.dir = SDP_SENDRECV;
	pl.p = sdp;
	pl.l = len;

	err = decode_lines(jsep, &pl);
	if (err)
		goto out;

	if (!jsep->mc) {
		err = EBADMSG;
		goto out;
	}

	mark_bundled(jsep);
	for (i=0; i<jsep->mc; i++)
		jsep_media_rtx(&jsep->mv[i]);

 out:
	if (err)
		mem_deref(jsep);
	else
		*jsepp = jsep;

	return err;
}


/**
 * Tell if an m-line is rejected (RFC 3264 section 6, RFC 9143 section 6)
 *
 * @param m m-line
 *
 * @return true if rejected
 */
bool jsep_is_rejected(const struct jsep_media *m)
{
	return !m || (!m->port && !m->bundle_only);
}


/**
 * Get the m-line whose transport all others of the bundle share
 *
 * @param jsep Description
 *
 * @return First m-line of the bundle that is not rejected; without a bundle
 *         the first that is not rejected; NULL if none
 */
const struct jsep_media *jsep_transport(const struct jsep *jsep)
{
	size_t i;

	if (!jsep)
		return NULL;

	for (i=0; i<jsep->mc; i++) {
		const struct jsep_media *m = &jsep->mv[i];

		if (!jsep_is_rejected(m) &&
		    (m->bundled || !jsep->has_group))
			return m;
	}

	return NULL;
}
