/**
 * @file cube/signalenc.c  Encoding of call signals
 *
 * Every signal carries callType and callerID: old Flutter SDKs parse both
 * as integers everywhere and fail without them.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"


/* the next element of a path, false at its end; empty ones are skipped */
static bool next_name(struct pl *name, const char **path)
{
	const char *p = *path + strspn(*path, "/");

	name->p = p;
	name->l = strcspn(p, "/");
	*path   = p + name->l;

	return name->l > 0;
}


static size_t split_path(struct pl *namev, const char *path)
{
	size_t n = 0;

	while (n < SIGNAL_INFO_DEPTH && next_name(&namev[n], &path))
		++n;

	return n;
}


static int close_info(struct mbuf *mb, const struct pl *openv, size_t *openc,
		      size_t keep)
{
	int err = 0;

	while (*openc > keep && !err) {
		--*openc;
		err = mbuf_printf(mb, "</%H>", xml_name_print, &openv[*openc]);
	}

	return err;
}


static int open_info(struct mbuf *mb, struct pl *openv, size_t *openc,
		     const struct pl *name)
{
	openv[(*openc)++] = *name;

	return mbuf_printf(mb, "<%H>", xml_name_print, name);
}


/* neighbours with a common parent share its element */
static int encode_info(struct mbuf *mb, const struct signal *sig)
{
	struct pl openv[SIGNAL_INFO_DEPTH], namev[SIGNAL_INFO_DEPTH];
	size_t i, j, namec, openc = 0;
	int err;

	err = mbuf_write_str(mb, "<userInfo>");

	for (i=0; i<sig->infoc && !err; i++) {

		const struct cube_info *info = &sig->infov[i];

		namec = info->name ? split_path(namev, info->name) : 0;
		if (!namec)
			continue;

		for (j=0; j<openc && j+1<namec; j++) {
			if (pl_cmp(&openv[j], &namev[j]))
				break;
		}

		err = close_info(mb, openv, &openc, j);

		for (; j<namec && !err; j++)
			err = open_info(mb, openv, &openc, &namev[j]);

		if (!err)
			err = mbuf_printf(mb, "%H", xml_text_print,
					  info->value);
		if (!err)
			err = close_info(mb, openv, &openc, namec - 1);
	}

	if (!err)
		err = close_info(mb, openv, &openc, 0);
	if (!err)
		err = mbuf_write_str(mb, "</userInfo>");

	return err;
}


static int encode_candidates(struct mbuf *mb, const struct signal *sig)
{
	size_t i;
	int err;

	err = mbuf_write_str(mb, "<iceCandidates>");

	for (i=0; i<sig->candc && !err; i++) {

		const struct signal_cand *sc = &sig->candv[i];

		err = mbuf_printf(mb, "<iceCandidate><sdpMLineIndex>%u"
				  "</sdpMLineIndex><sdpMid>%H</sdpMid>"
				  "<candidate>%H</candidate></iceCandidate>",
				  sc->mline, xml_text_print, sc->mid,
				  xml_text_print, sc->cand);
	}

	if (!err)
		err = mbuf_write_str(mb, "</iceCandidates>");

	return err;
}


static int encode_head(struct mbuf *mb, const struct signal *sig)
{
	size_t i;
	int err;

	err = mbuf_printf(mb, "<sessionID>%H</sessionID>"
			  "<callType>%d</callType>"
			  "<callerID>%H</callerID><opponentsIDs>",
			  xml_text_print, sig->sid, sig->call_type,
			  xml_text_print, sig->caller);

	for (i=0; i<sig->opponentc && !err; i++)
		err = mbuf_printf(mb, "<opponentID>%H</opponentID>",
				  xml_text_print, sig->opponentv[i]);

	if (!err)
		err = mbuf_write_str(mb, "</opponentsIDs>");

	return err;
}


/**
 * Encode a call signal as a message stanza
 *
 * @param mb  Buffer to append to
 * @param sig Signal: type, sid, call_type and caller must be set
 * @param to  JID of the receiver
 * @param id  Id of the stanza
 *
 * @return 0 if success; EINVAL something mandatory is missing; ENOMEM
 */
int signal_encode(struct mbuf *mb, const struct signal *sig,
		  const char *to, const char *id)
{
	int err;

	if (!mb || !sig || !to || !id || !sig->sid || !sig->caller ||
	    (unsigned)sig->type >= SIGNAL_TYPE_MAX ||
	    (sig->call_type != CUBE_CALL_VIDEO &&
	     sig->call_type != CUBE_CALL_AUDIO))
		return EINVAL;

	err = mbuf_printf(mb, "<message xmlns=\"jabber:client\" to=\"%H\""
			  " type=\"headline\" id=\"%H\">"
			  "<extraParams xmlns=\"jabber:client\">",
			  xml_attr_print, to, xml_attr_print, id);

	if (!err && sig->infoc)
		err = encode_info(mb, sig);
	if (!err)
		err = encode_head(mb, sig);
	if (!err && sig->sdp)
		err = mbuf_printf(mb, "<sdp>%H</sdp>", xml_text_print,
				  sig->sdp);
	if (!err && sig->candc)
		err = encode_candidates(mb, sig);
	if (err)
		return err;

	return mbuf_printf(mb, "<moduleIdentifier>WebRTCVideoChat"
			   "</moduleIdentifier><signalType>%s</signalType>"
			   "<platform>%H</platform></extraParams></message>",
			   signal_type_name(sig->type), xml_text_print,
			   sig->platform ? sig->platform : "web");
}


/**
 * Make a message id: 24 random hexadecimal digits
 *
 * @param id Returned id
 */
void signal_id(char id[SIGNAL_ID_SIZE])
{
	(void)re_snprintf(id, SIGNAL_ID_SIZE, "%016llx%08x",
			  rand_u64(), rand_u32());
}


/**
 * Make a session id: a random UUID (RFC 9562 section 5.4)
 *
 * @param sid Returned session id
 */
void signal_sid(char sid[SIGNAL_SID_SIZE])
{
	const uint64_t a = rand_u64(), b = rand_u64();

	(void)re_snprintf(sid, SIGNAL_SID_SIZE, "%08x-%04x-4%03x-%04x-%012llx",
			  (uint32_t)(a >> 32), (uint32_t)(a >> 16) & 0xffff,
			  (uint32_t)a & 0xfff,
			  (uint32_t)(b >> 48 & 0x3fff) | 0x8000,
			  (unsigned long long)(b & 0xffffffffffffULL));
}
