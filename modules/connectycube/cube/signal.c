/**
 * @file cube/signal.c  Decoding of call signals
 *
 * Tolerant in what it takes: unknown elements are skipped, an empty
 * sdpMLineIndex is 0, a missing callType is guessed from the SDP, line ends
 * of the SDP come out as CRLF whatever a server made of them.
 */
#include <string.h>
#include <re.h>
#include "peer/peer.h"
#include "cube.h"
#include "xml.h"
#include "signal.h"


static const char * const type_namev[SIGNAL_TYPE_MAX] = {
	[SIGNAL_CALL]           = "call",
	[SIGNAL_ACCEPT]         = "accept",
	[SIGNAL_REJECT]         = "reject",
	[SIGNAL_HANGUP]         = "hangUp",
	[SIGNAL_CANDIDATES]     = "iceCandidates",
	[SIGNAL_RESTART]        = "iceRestart",
	[SIGNAL_RESTART_ACCEPT] = "iceRestartAccept",
	[SIGNAL_UPDATE]         = "update",
};


static void destructor(void *data)
{
	struct signal *sig = data;
	size_t i;

	for (i=0; i<ARRAY_SIZE(sig->pathv); i++)
		mem_deref(sig->pathv[i]);

	mem_deref(sig->sdpbuf);
	mem_deref(sig->xml);
}


static int decode_type(struct signal *sig, const char *name)
{
	size_t i;

	for (i=0; i<SIGNAL_TYPE_MAX; i++) {

		if (0 == str_casecmp(name, type_namev[i])) {
			sig->type = (enum signal_type)i;
			return 0;
		}
	}

	return EBADMSG;
}


/* LF, CR and CRLF all become CRLF (RFC 8866 section 5) */
static int decode_sdp(struct signal *sig, const char *text)
{
	const char *p = text + strspn(text, " \t\r\n");
	size_t n = 0;
	char *d;

	if (!*p)
		return 0;

	sig->sdpbuf = mem_alloc(2 * str_len(p) + 3, NULL);
	if (!sig->sdpbuf)
		return ENOMEM;

	for (d = sig->sdpbuf; *p; p++) {

		if (*p == '\r' || *p == '\n') {

			/* empty lines have no meaning */
			if (n)
				d = (char *)memcpy(d, "\r\n", 2) + 2;
			n = 0;
			continue;
		}

		*d++ = *p;
		++n;
	}

	if (n)
		d = (char *)memcpy(d, "\r\n", 2) + 2;

	*d = '\0';
	sig->sdp = sig->sdpbuf;

	return 0;
}


static void decode_call_type(struct signal *sig, const char *str)
{
	if (str && (0 == str_cmp(str, "1") || 0 == str_casecmp(str, "video")))
		sig->call_type = CUBE_CALL_VIDEO;
	else if (str && *str)
		sig->call_type = CUBE_CALL_AUDIO;
	else
		sig->call_type = sig->sdp && strstr(sig->sdp, "\r\nm=video ")
			? CUBE_CALL_VIDEO : CUBE_CALL_AUDIO;
}


static void decode_opponents(struct signal *sig, const struct xml *list)
{
	struct le *le;

	if (!list)
		return;

	for (le = list_head(&list->childl); le; le = le->next) {

		const struct xml *x = le->data;

		if (!xml_is(x, "opponentID", NULL) || !*xml_text(x))
			continue;

		if (sig->opponentc >= ARRAY_SIZE(sig->opponentv))
			return;

		sig->opponentv[sig->opponentc++] = xml_text(x);
	}
}


static void decode_candidates(struct signal *sig, const struct xml *list)
{
	struct le *le;

	if (!list)
		return;

	for (le = list_head(&list->childl); le; le = le->next) {

		const struct xml *x = le->data;
		struct signal_cand *sc = &sig->candv[sig->candc];
		const char *cand = xml_child_text(x, "candidate");
		const char *mid = xml_child_text(x, "sdpMid");
		const char *mline = xml_child_text(x, "sdpMLineIndex");
		struct pl pl;

		if (!xml_is(x, "iceCandidate", NULL) || !cand || !*cand)
			continue;

		if (sig->candc >= ARRAY_SIZE(sig->candv))
			return;

		pl_set_str(&pl, mline ? mline : "");

		sc->cand  = cand;
		sc->mid   = mid ? mid : "";
		sc->mline = pl_u32(&pl);        /* empty is 0 */
		++sig->candc;
	}
}


static int decode_info(struct signal *sig, const struct xml *x,
		       const char *prefix, unsigned depth)
{
	struct le *le;
	int err = 0;

	for (le = list_head(&x->childl); le && !err; le = le->next) {

		const struct xml *child = le->data;
		char *path = NULL;

		if (sig->infoc >= ARRAY_SIZE(sig->infov))
			return 0;

		/* each value repeats its parents' names */
		if (str_len(prefix) + str_len(child->name) >=
		    SIGNAL_INFO_NAME)
			continue;

		err = prefix ? re_sdprintf(&path, "%s/%s", prefix, child->name)
			     : str_dup(&path, child->name);
		if (err)
			return err;

		if (list_isempty(&child->childl)) {
			sig->pathv[sig->infoc] = path;
			sig->infov[sig->infoc].name  = path;
			sig->infov[sig->infoc].value = xml_text(child);
			++sig->infoc;
			continue;
		}

		if (depth < SIGNAL_INFO_DEPTH)
			err = decode_info(sig, child, path, depth + 1);

		mem_deref(path);
	}

	return err;
}


/* it is one word, in logs and records too */
static bool is_sid(const char *str)
{
	const size_t n = str_len(str);
	size_t i;

	for (i=0; i<n; i++) {
		if (str[i] <= ' ' || str[i] > '~')
			return false;
	}

	return n > 0 && n <= SIGNAL_SID_MAX;
}


static int decode_extra(struct signal *sig, const struct xml *extra)
{
	const struct xml *info = xml_child(extra, "userInfo", NULL);
	const char *sdp = xml_child_text(extra, "sdp");
	int err;

	sig->sid = xml_child_text(extra, "sessionID");
	if (!is_sid(sig->sid))
		return EBADMSG;

	err = decode_type(sig, xml_child_text(extra, "signalType"));
	if (err)
		return err;

	if (sdp) {
		err = decode_sdp(sig, sdp);
		if (err)
			return err;
	}

	decode_call_type(sig, xml_child_text(extra, "callType"));

	sig->caller   = xml_child_text(extra, "callerID");
	sig->platform = xml_child_text(extra, "platform");

	decode_opponents(sig, xml_child(extra, "opponentsIDs", NULL));
	decode_candidates(sig, xml_child(extra, "iceCandidates", NULL));

	return info ? decode_info(sig, info, NULL, 1) : 0;
}


/**
 * Decode a message stanza into a call signal
 *
 * @param sp  Returned signal; the caller derefs it
 * @param msg Message stanza; the signal keeps a reference to it
 *
 * @return 0 if success; EINVAL no argument; ENOENT the stanza is no call
 *         signal; EBADMSG it is one without usable session id or of unknown
 *         type;
 *         ENOMEM
 */
int signal_decode(struct signal **sp, struct xml *msg)
{
	const struct xml *extra = xml_child(msg, "extraParams", NULL);
	const char *module = xml_child_text(extra, "moduleIdentifier");
	struct signal *sig;
	int err;

	if (!sp || !msg)
		return EINVAL;

	if (!xml_is(msg, "message", NULL) || !extra ||
	    !xml_child(extra, "signalType", NULL) ||
	    0 == str_casecmp(xml_attr(msg, "type"), "error"))
		return ENOENT;

	/* other modules use the same envelope */
	if (module && str_casecmp(module, "WebRTCVideoChat"))
		return ENOENT;

	sig = mem_zalloc(sizeof(*sig), destructor);
	if (!sig)
		return ENOMEM;

	sig->xml   = mem_ref(msg);
	sig->from  = xml_attr(msg, "from");
	sig->stale = xml_is_delayed(msg);

	err = decode_extra(sig, extra);
	if (err)
		mem_deref(sig);
	else
		*sp = sig;

	return err;
}


/**
 * Get the name of a type, as it is on the wire
 *
 * @param type Type of signal
 *
 * @return Name, "?" if there is no such type
 */
const char *signal_type_name(enum signal_type type)
{
	return (unsigned)type < SIGNAL_TYPE_MAX ? type_namev[type] : "?";
}


/**
 * Get a userInfo value
 *
 * @param sig  Signal
 * @param name Nested names joined with '/'
 *
 * @return First value of that name (owned by the signal), or NULL
 */
const char *signal_info(const struct signal *sig, const char *name)
{
	size_t i;

	for (i=0; sig && i<sig->infoc; i++) {

		if (0 == str_casecmp(sig->infov[i].name, name))
			return sig->infov[i].value;
	}

	return NULL;
}


/**
 * Tell whether a reject means that the callee is busy
 *
 * @param sig Signal
 *
 * @return true if its userInfo says so
 */
bool signal_is_busy(const struct signal *sig)
{
	const char *busy = signal_info(sig, "busy");

	return 0 == str_casecmp(busy, "true") || 0 == str_casecmp(busy, "1") ||
		0 == str_casecmp(busy, "yes") ||
		0 == str_casecmp(signal_info(sig, "reason"), "busy");
}
