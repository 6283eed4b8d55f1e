/**
 * @file peer/cand.c  ICE candidates as text (RFC 8839 section 5.1)
 *
 *   candidate:1017623793 1 udp 2122260223 192.0.2.1 49835 typ host
 *       generation 0 ufrag TC2z network-id 1 network-cost 50
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "cand.h"


static const char *typev[] = {"host", "srflx", "prflx", "relay"};


static int decode_type(enum cand_type *type, const struct pl *pl)
{
	size_t i;

	for (i=0; i<ARRAY_SIZE(typev); i++) {

		if (!pl_strcasecmp(pl, typev[i])) {
			*type = (enum cand_type)i;
			return 0;
		}
	}

	return EBADMSG;
}


/* Host names are legal, but only addresses are of use: those of browsers
 * are mDNS names (.local), which never leave their network */
static int decode_addr(struct sa *sa, const struct pl *host,
		       const struct pl *port)
{
	uint32_t p;
	int err;

	err = text_u32(&p, port, 65535);
	if (err)
		return err;

	if (sa_set(sa, host, (uint16_t)p))
		return EAFNOSUPPORT;

	return 0;
}


static void decode_ext(struct cand *c, const struct pl *name,
		       const struct pl *value, struct pl *raddr,
		       struct pl *rport)
{
	if (!pl_strcasecmp(name, "raddr"))
		*raddr = *value;
	else if (!pl_strcasecmp(name, "rport"))
		*rport = *value;
	else if (!pl_strcasecmp(name, "ufrag"))
		(void)text_copy(c->ufrag, sizeof(c->ufrag), value);
}


static int decode_tail(struct cand *c, struct pl *pl)
{
	struct pl name, value, raddr = PL_INIT, rport = PL_INIT;
	int err;

	if (!text_word(pl, &name) || pl_strcasecmp(&name, "typ"))
		return EBADMSG;
	if (!text_word(pl, &value))
		return EBADMSG;

	err = decode_type(&c->type, &value);
	if (err)
		return err;

	while (text_word(pl, &name) && text_word(pl, &value))
		decode_ext(c, &name, &value, &raddr, &rport);

	/* the related address is for diagnosis only */
	if (!pl_isset(&raddr) || !pl_isset(&rport) ||
	    decode_addr(&c->raddr, &raddr, &rport))
		sa_init(&c->raddr, AF_UNSPEC);

	return 0;
}


/**
 * Decode a candidate
 *
 * @param c   Decoded candidate
 * @param str "candidate:...", with or without "a=", line end or zero byte
 * @param len Length of the string [bytes]
 *
 * @return 0 if success; EBADMSG if malformed; EPROTONOSUPPORT if not UDP;
 *         EAFNOSUPPORT if its address is a name, such as of mDNS
 */
int cand_decode(struct cand *c, const char *str, size_t len)
{
	struct pl pl, word, transp, addr, port;
	int err;

	if (!c || !str)
		return EINVAL;

	if (len > CAND_LINE_MAX)
		return EBADMSG;

	memset(c, 0, sizeof(*c));
	pl.p = str;
	pl.l = len;
	text_trim(&pl);
	(void)text_skip(&pl, "a=");
	if (!text_skip(&pl, "candidate:"))
		return EBADMSG;

	if (!text_word(&pl, &word) ||
	    text_copy(c->foundation, sizeof(c->foundation), &word))
		return EBADMSG;

	if (!text_word(&pl, &word) || text_u32(&c->comp, &word, 256))
		return EBADMSG;
	if (!text_word(&pl, &transp))
		return EBADMSG;
	if (!text_word(&pl, &word) || text_u32(&c->prio, &word, UINT32_MAX))
		return EBADMSG;
	if (!text_word(&pl, &addr) || !text_word(&pl, &port))
		return EBADMSG;

	err = decode_tail(c, &pl);
	if (err)
		return err;

	if (pl_strcasecmp(&transp, "udp"))
		return EPROTONOSUPPORT;

	return decode_addr(&c->addr, &addr, &port);
}


/**
 * Print a candidate, without "a=" or line end
 *
 * @param pf Print function
 * @param c  Candidate
 *
 * @return 0 if success, otherwise errorcode
 */
int cand_print(struct re_printf *pf, const struct cand *c)
{
	int err;

	if (!c)
		return 0;

	err = re_hprintf(pf, "candidate:%s %u udp %u %j %u typ %s",
			 c->foundation, c->comp, c->prio, &c->addr,
			 sa_port(&c->addr), cand_type_name(c->type));

	if (!err && c->type != CAND_HOST && sa_isset(&c->raddr, SA_ADDR))
		err = re_hprintf(pf, " raddr %j rport %u", &c->raddr,
				 sa_port(&c->raddr));

	if (!err)
		err = re_hprintf(pf, " generation 0");
	if (!err && c->ufrag[0])
		err = re_hprintf(pf, " ufrag %s", c->ufrag);

	return err;
}


/**
 * Get the name of a type of candidates
 *
 * @param type Type
 *
 * @return Name as in SDP
 */
const char *cand_type_name(enum cand_type type)
{
	return (size_t)type < ARRAY_SIZE(typev) ? typev[type] : "?";
}
