/**
 * @file connectycube_hep/hepjson.c  RTCP and quality, as Homer reads them
 *
 * Pure. The names are those of its other agents: of RTCP those that heplify
 * has, of a report RTPAgent's, times there in milliseconds.
 */
#include <re.h>
#include "base/text.h"
#include "call/event.h"
#include "call/jsonadd.h"
#include "rtp/rtcp.h"
#include "hep.h"


enum {
	NTP_1970 = 0x83aa7e80,  /**< 1970, as NTP counts (RFC 5905) [s]    */
	BLOCKS_MAX = 31,        /**< Of a report (RFC 3550, 6.4.1)         */
};


static int add_sender(int err, struct odict *od, const struct rtcp_sender *snd)
{
	const uint64_t frac = snd->ntp & 0xffffffff;
	struct odict *info = NULL;

	err = json_add_node(err, &info, od, "sender_information",
			    ODICT_OBJECT);
	err = json_add_int(err, info, "ntp_timestamp_sec",
			   (uint32_t)((snd->ntp >> 32) - NTP_1970));
	err = json_add_int(err, info, "ntp_timestamp_usec",
			   frac * 1000000 >> 32);
	err = json_add_int(err, info, "rtp_timestamp", snd->ts);
	err = json_add_int(err, info, "packets", snd->packets);

	return json_add_int(err, info, "octets", snd->octets);
}


static int add_block(int err, struct odict *arr, const struct rtcp_block *b)
{
	struct odict *od = NULL;

	err = json_add_element(err, &od, arr);
	err = json_add_int(err, od, "source_ssrc", b->ssrc);
	err = json_add_int(err, od, "fraction_lost", b->fraction);
	err = json_add_int(err, od, "packets_lost",
			   (uint64_t)(int64_t)b->lost);
	err = json_add_int(err, od, "highest_seq_no", b->last_seq);
	err = json_add_int(err, od, "ia_jitter", b->jitter);
	err = json_add_int(err, od, "lsr", b->lsr);

	return json_add_int(err, od, "dlsr", b->dlsr);
}


static int add_report(int err, struct odict *od, const struct rtcp_part *part,
		      uint32_t ssrc)
{
	struct odict *arr = NULL;
	struct rtcp_sender snd;
	struct rtcp_block blk;
	unsigned i;

	err = json_add_int(err, od, "type", part->type);
	err = json_add_int(err, od, "ssrc", ssrc);
	err = json_add_int(err, od, "report_count", part->count);
	if (!rtcp_part_sender(part, &snd))
		err = add_sender(err, od, &snd);
	err = json_add_node(err, &arr, od, "report_blocks", ODICT_ARRAY);
	for (i=0; i<BLOCKS_MAX && !rtcp_part_block(part, i, &blk); i++)
		err = add_block(err, arr, &blk);

	return err;
}


static int print(struct mbuf *mb, int err, struct odict *od)
{
	if (!err)
		err = mbuf_printf(mb, "%H", json_encode_odict, od);
	mem_deref(od);

	return err;
}


/**
 * Print the first report of an RTCP packet
 *
 * @param mb  Buffer
 * @param pkt Packet, compound or of reduced size
 * @param len Its length [bytes]
 *
 * @return 0 if success, ENOENT if there is no report in it, otherwise
 *         errorcode
 */
int hep_rtcp_json(struct mbuf *mb, const uint8_t *pkt, size_t len)
{
	struct odict *od = NULL;
	struct rtcp_part part;
	uint32_t ssrc;
	size_t pos = 0;
	int err;

	if (!mb || !pkt)
		return EINVAL;

	do {
		if (rtcp_part_next(&part, pkt, len, &pos))
			return ENOENT;
	} while (part.type != RTCP_SR && part.type != RTCP_RR);

	if (rtcp_part_ssrc(&part, &ssrc))
		return ENOENT;

	err = odict_alloc(&od, JSON_HASH_SIZE);

	return print(mb, add_report(err, od, &part, ssrc), od);
}


/* G.107 annex B, backwards: what of R goes with an MOS */
static double r_factor(unsigned mos)
{
	const double want = (double)mos / 100;
	double lo = 6.5, hi = 100, r;
	unsigned i;

	for (i=0; i<24; i++) {
		r = (lo + hi) / 2;
		if (1 + .035 * r + 7e-6 * r * (r - 60) * (100 - r) < want)
			lo = r;
		else
			hi = r;
	}

	return (double)(int)(lo * 10 + .5) / 10;
}


static int add_mos(int err, struct odict *od, const char *mos,
		   const char *factor, unsigned v)
{
	if (!v)
		return err;

	err = json_add_part(err, od, mos, v, 100);

	return json_add_num(err, od, factor, r_factor(v));
}


/* Of what we send only if the party has told */
static int add_jitter(int err, struct odict *od, const struct event_dir *d)
{
	if (d->unreported)
		return err;

	err = json_add_num(err, od, "JITTER", (double)d->jitter / 1000);
	err = json_add_num(err, od, "MEAN_JITTER",
			   (double)d->jitter_avg / 1000);

	return json_add_num(err, od, "MAX_JITTER",
			    (double)d->jitter_max / 1000);
}


/* "opus/48000/2" */
static int add_codec(int err, struct odict *od, const char *codec)
{
	struct pl name, rate;
	char str[32];

	if (re_regex(codec, str_len(codec), "[^/]+/[0-9]+", &name, &rate) ||
	    text_str(str, sizeof(str), &name))
		return err;

	err = json_add_str(err, od, "CODEC_NAME", str);

	return json_add_int(err, od, "CLOCK", pl_u32(&rate));
}


static int add_addr(int err, struct odict *od, const char *ip,
		    const char *port, const struct sa *sa)
{
	char str[64];

	if (!sa_isset(sa, SA_ADDR))
		return err;

	(void)re_snprintf(str, sizeof(str), "%j", sa);
	err = json_add_str(err, od, ip, str);

	return json_add_int(err, od, port, sa_port(sa));
}


/**
 * Print how one direction of a party's audio was
 *
 * @param mb  Buffer
 * @param rep What is known
 *
 * @return 0 if success, ENOENT if there was nothing, otherwise errorcode
 */
int hep_report_json(struct mbuf *mb, const struct hep_report *rep)
{
	const struct event_dir *d = rep ? rep->dir : NULL;
	struct odict *od = NULL;
	char name[80];
	int err;

	if (!mb || !d)
		return EINVAL;
	if (!d->codec[0])
		return ENOENT;

	(void)re_snprintf(name, sizeof(name), "%J", &rep->src);

	err = odict_alloc(&od, JSON_HASH_SIZE);
	err = json_add_str(err, od, "CORRELATION_ID", rep->session);
	err = json_add_str(err, od, "RTP_SIP_CALL_ID", rep->callid);
	err = json_add_int(err, od, "REPORT_TS", rep->time / 1000);
	err = json_add_int(err, od, "TL_BYTE", d->bytes);
	err = json_add_int(err, od, "TOTAL_PK", d->packets);
	err = json_add_int(err, od, "EXPECTED_PK", rep->tx ? d->packets :
			   d->packets - d->duplicates +
			   (uint64_t)max(d->lost, (int64_t)0));
	if (!d->unreported)
		err = json_add_int(err, od, "PACKET_LOSS", (uint64_t)d->lost);
	err = json_add_int(err, od, "OUT_ORDER", d->reordered);
	err = add_jitter(err, od, d);
	err = add_mos(err, od, "MOS", "RFACTOR", d->mos);
	err = add_mos(err, od, "MEAN_MOS", "MEAN_RFACTOR", d->mos_avg);
	err = add_mos(err, od, "MIN_MOS", "MIN_RFACTOR", d->mos_min);
	err = add_codec(err, od, d->codec);
	err = add_addr(err, od, "SRC_IP", "SRC_PORT", &rep->src);
	err = add_addr(err, od, "DST_IP", "DST_PORT", &rep->dst);
	err = json_add_int(err, od, "DIR", rep->tx);
	err = json_add_int(err, od, "PARTY", rep->app);
	err = json_add_str(err, od, "REPORT_NAME",
			   sa_isset(&rep->src, SA_ADDR) ? name : "");

	return print(mb, json_add_str(err, od, "TYPE", "HANGUP"), od);
}
