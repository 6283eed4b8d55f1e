/**
 * @file sip/pure/challenge.c  Answers in the place of libre's
 *
 * Pure. libre answers MD5 and no other challenge. A better one is shown to it
 * as MD5, with a mark and some room in its opaque, which libre repeats:
 *
 *   WWW-Authenticate: Digest realm="r", nonce="n", opaque="~cube-ID-....."
 *
 * When the request leaves, its line is known by the mark, and the right answer
 * takes its place: no longer than what is there, for the packet stays where it
 * is. Spaces fill the rest.
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "digest.h"
#include "challenge.h"


#define MARK "~cube-"

enum {
	MARK_LEN = sizeof(MARK) - 1,
	ID_LEN   = 8,           /**< Hexadecimal digits                    */
};


/**
 * Print a challenge that libre answers
 *
 * @param pf   Print function
 * @param chal The true challenge
 * @param id   Number to know it by
 *
 * @return 0 if success, otherwise errorcode
 */
int challenge_disguise(struct re_printf *pf, const struct digest_chal *chal,
		       uint32_t id)
{
	char space[CHALLENGE_SPACE + 1];

	memset(space, '.', CHALLENGE_SPACE);
	space[CHALLENGE_SPACE] = '\0';

	/* qop, since libre makes a cnonce only then; the true opaque comes
	   back, too, so that there is room for it */
	return re_hprintf(pf, "Digest realm=\"%r\", nonce=\"%r\",%s"
			  " qop=\"auth\", opaque=\"" MARK "%08x-%s%r\"",
			  &chal->realm, &chal->nonce,
			  chal->stale ? " stale=true," : "", id, space,
			  &chal->opaque);
}


/**
 * May a challenge be answered in this way? Not if it is huge, for it is kept;
 * and not if our mark is in it: it would come back in an answer, which would
 * then be taken for another one's
 *
 * @param val Value of its header
 *
 * @return True if it may
 */
bool challenge_is_sane(const struct pl *val)
{
	return val->l <= CHALLENGE_MAX &&
		!memmem(val->p, val->l, MARK, MARK_LEN);
}


/* Headers end with an empty line */
static struct pl head(const struct pl *pkt)
{
	const char *p = pkt->l ? memmem(pkt->p, pkt->l, "\r\n\r\n", 4)
		: NULL;
	struct pl pl = *pkt;

	if (p)
		pl.l = p + 2 - pkt->p;

	return pl;
}


/* The value of the line that has a mark, if it is an answer at all: others may
   have been written by the far end */
static bool answer_line(struct pl *line, const struct pl *hdrs,
			const char *mark)
{
	const char *end, *p = mark;
	struct pl name;

	while (p > hdrs->p && p[-1] != '\n')
		--p;

	name.p = p;
	name.l = mark - p;
	p   = memchr(name.p, ':', name.l);
	end = memchr(mark, '\r', hdrs->p + hdrs->l - mark);
	if (!p || !end)
		return false;

	name.l  = p - name.p;
	line->p = p + 1;
	line->l = end - line->p;

	return !pl_strcasecmp(&name, "Authorization") ||
		!pl_strcasecmp(&name, "Proxy-Authorization");
}


/**
 * Find an answer of libre's to a challenge of ours
 *
 * @param line Value of its header
 * @param idp  Number of the challenge
 * @param pkt  SIP message
 *
 * @return True if there is one
 */
bool challenge_find(struct pl *line, uint32_t *idp, const struct pl *pkt)
{
	const struct pl hdrs = head(pkt);
	struct pl rest = hdrs, id;
	const char *p;

	while (rest.l > MARK_LEN + ID_LEN &&
	       (p = memmem(rest.p, rest.l - ID_LEN, MARK, MARK_LEN))) {

		if (answer_line(line, &hdrs, p)) {
			id.p = p + MARK_LEN;
			id.l = ID_LEN;
			*idp = pl_x32(&id);
			return true;
		}

		pl_advance(&rest, p + MARK_LEN - rest.p);
	}

	return false;
}


/**
 * Write the answer to the true challenge over libre's
 *
 * @param line Value of the header, written to
 * @param met  Method of the request
 * @param chal The true challenge
 * @param user User name
 * @param ha1  Stands for the password
 *
 * @return 0 if success; EBADMSG if it is not libre's; EOVERFLOW
 */
int challenge_answer(const struct pl *line, const struct pl *met,
		     const struct digest_chal *chal, const char *user,
		     const char *ha1)
{
	struct digest_req req = {.chal = chal, .user = user, .ha1 = ha1,
				 .met = met->p, .metl = met->l};
	struct pl cnonce, nc;
	struct mbuf *mb;
	char *dst = (char *)line->p;
	int err;

	if (!digest_param(line, "uri", &req.uri) ||
	    !digest_param(line, "cnonce", &cnonce) ||
	    !digest_param(line, "nc", &nc) ||
	    text_str(req.cnonce, sizeof(req.cnonce), &cnonce))
		return EBADMSG;

	req.nc = pl_x32(&nc);

	mb = mbuf_alloc(line->l + 256);
	if (!mb)
		return ENOMEM;

	err = mbuf_printf(mb, " %H", digest_encode, &req);
	if (!err && mb->end > line->l)
		err = EOVERFLOW;

	if (!err) {
		memset(dst, ' ', line->l);
		memcpy(dst, mb->buf, mb->end);
	}

	mem_deref(mb);

	return err;
}
