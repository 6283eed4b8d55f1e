/**
 * @file connectycube_hep/hepsip.c  SIP messages, as they are told
 *
 * Pure.
 */
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/text.h"
#include "base/wire.h"
#include "log/blank.h"
#include "log/logrec.h"
#include "log/flight.h"
#include "hep.h"


/* Of a request, or, by its CSeq, of what it is the answer to */
static bool method(struct pl *met, const char *text, size_t len)
{
	struct pl rest = {text, len}, line, name, val;

	if (!text_line(&rest, &line))
		return false;

	if (line.l < 8 || memcmp(line.p, "SIP/2.0 ", 8))
		return text_word(&line, met);

	while (text_line(&rest, &line) && line.l) {

		if (!text_split(&line, ':', &name, &val) ||
		    pl_strcasecmp(&name, "CSeq"))
			continue;

		return text_word(&val, met) && text_word(&val, met);
	}

	return false;
}


/* Anything else may be within a dialog, or not */
static bool is_of_calls(const struct pl *met)
{
	static const char *const metv[] = {
		"INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "INFO",
		"REFER",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(metv); i++) {
		if (!pl_strcmp(met, metv[i]))
			return true;
	}

	return false;
}


/**
 * Make a packet of a SIP message, without its secrets
 *
 * @param pktp    Pointer to new packet, its id is the Call-ID
 * @param w       Message
 * @param cfg     What is told
 * @param wantedp Set to true if it is told even if no call has its Call-ID
 *
 * @return 0 if success, ENOENT if it is not told, otherwise errorcode
 */
int hep_sip_pkt(struct hep_pkt **pktp, const struct wire *w,
		const struct hep_config *cfg, bool *wantedp)
{
	const enum blank_kind kind = cfg && cfg->texts ? BLANK_SIP_TEXTS
		: BLANK_SIP;
	struct hep_pkt *pkt;
	struct pl id, met;
	int err;

	if (!pktp || !w || !cfg || !wantedp)
		return EINVAL;

	if (cfg->sip == HEP_SIP_NONE ||
	    !flight_id(&id, WIRE_SIP, w->buf, w->len) ||
	    !method(&met, w->buf, w->len))
		return ENOENT;

	pkt = hep_pkt_alloc(HEP_SIP, w->src, w->dst, w->len);
	if (!pkt)
		return ENOMEM;

	pkt->proto = w->proto;
	*wantedp   = cfg->sip == HEP_SIP_ALL || is_of_calls(&met);

	err = text_str(pkt->id, sizeof(pkt->id), &id);
	if (!err)
		err = mbuf_write_mem(pkt->mb, (const uint8_t *)w->buf, w->len);
	if (err) {
		mem_deref(pkt);
		return err;
	}

	pkt->mb->end = blank(kind, (char *)pkt->mb->buf, pkt->mb->end);
	*pktp = pkt;

	return 0;
}
