/**
 * @file sip/pure/dialoginfo.c  What a SIP server tells of a phone's calls
 *
 * A DTD is refused, so no entity can be defined or expanded; size, depth and
 * the number of calls are bounded.
 */
#include <string.h>
#include <expat.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/dialoginfo.h"


enum {
	BODY_MAX  = 65536,      /* [bytes] */
	DEPTH_MAX = 16,
	WORD_MAX  = 32,         /* longest that means something [bytes] */
};

/** A parser at work */
struct reader {
	XML_Parser parser;      /**< Expat's parser (owner)                */
	struct dialoginfo di;   /**< What there is after this document     */
	unsigned depth;         /**< Open elements                         */
	char id[DIALOGINFO_ID]; /**< Of the dialog that is open            */
	char word[WORD_MAX];    /**< Text of its state                     */
	size_t len;             /**< Length of that [bytes]                */
	bool state;             /**< That is open                          */
	bool full;              /**< All calls are told                    */
	int err;                /**< Why this is not taken                 */
};


static void refuse(struct reader *r, int err)
{
	r->err = err;
	(void)XML_StopParser(r->parser, XML_FALSE);
}


/* Some write the schema's namespace with a prefix */
static const char *local_name(const char *name)
{
	const char *sep = strchr(name, ':');

	return sep ? sep + 1 : name;
}


static const char *attr(const XML_Char **attrv, const char *name)
{
	for (; *attrv; attrv += 2) {
		if (!strcmp(attrv[0], name))
			return attrv[1];
	}

	return NULL;
}


/* Which document is this, and does it fit to what is known? */
static void begin(struct reader *r, const XML_Char **attrv)
{
	const char *version = attr(attrv, "version");
	const char *state = attr(attrv, "state");
	struct dialoginfo *di = &r->di;
	struct pl pl;
	uint32_t v;

	pl_set_str(&pl, version ? version : "");
	if (text_u32(&v, &pl, UINT32_MAX) || !state) {
		refuse(r, EBADMSG);
		return;
	}

	r->full = !strcmp(state, "full");

	/* one that was overtaken; some count from 0 again, or not at all, and
	   say all each time */
	if (di->known && (r->full ? v && v < di->version
			  : v <= di->version)) {
		refuse(r, EALREADY);
		return;
	}

	/* something between the last one and this is missing */
	if (!r->full && (!di->known || v != di->version + 1)) {
		refuse(r, ENODATA);
		return;
	}

	if (r->full)
		di->idc = 0;

	di->version = v;
	di->known   = true;
}


static void XMLCALL start_handler(void *arg, const XML_Char *name,
				  const XML_Char **attrv)
{
	struct reader *r = arg;
	const char *id;

	name = local_name(name);

	if (r->depth >= DEPTH_MAX) {
		refuse(r, EBADMSG);
		return;
	}

	switch (r->depth++) {

	case 0:
		if (strcmp(name, "dialog-info"))
			refuse(r, EBADMSG);
		else
			begin(r, attrv);
		break;

	case 1:
		id = strcmp(name, "dialog") ? NULL : attr(attrv, "id");
		str_ncpy(r->id, id ? id : "", sizeof(r->id));
		break;

	case 2:
		r->state = r->id[0] && !strcmp(name, "state");
		r->len   = 0;
		break;

	default:
		break;
	}
}


static void XMLCALL text_handler(void *arg, const XML_Char *text, int len)
{
	struct reader *r = arg;
	int i;

	for (i=0; i<len && r->state && r->depth == 3; i++) {
		if (r->len < sizeof(r->word) - 1)
			r->word[r->len++] = text[i];
	}
}


static void forget(struct dialoginfo *di, const char *id)
{
	size_t i;

	for (i=0; i<di->idc; i++) {
		if (strcmp(di->idv[i], id))
			continue;

		memmove(di->idv[i], di->idv[i + 1],
			(--di->idc - i) * sizeof(di->idv[0]));
		return;
	}
}


/* Whatever is not over goes on, also what a later RFC calls otherwise */
static void note(struct dialoginfo *di, const char *id, const struct pl *state)
{
	forget(di, id);

	if (!pl_strcasecmp(state, "terminated") || di->idc >= DIALOGINFO_MAX)
		return;

	str_ncpy(di->idv[di->idc++], id, sizeof(di->idv[0]));
}


static void XMLCALL end_handler(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	struct pl state = {r->word, r->len};
	(void)name;

	if (--r->depth != 2 || !r->state)
		return;

	r->state = false;
	text_trim(&state);
	if (state.l)
		note(&r->di, r->id, &state);
}


static void XMLCALL doctype_handler(void *arg, const XML_Char *name,
				    const XML_Char *sysid,
				    const XML_Char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;

	refuse(arg, EBADMSG);
}


/**
 * Take a document
 *
 * @param di   A phone's calls, all zero before the first document; left as they
 *             are on error
 * @param body Document
 *
 * @return 0 if success, EBADMSG if it is none, EALREADY if a later one has
 *         come before, ENODATA if it only tells what has changed since one that
 *         has not come, ENOMEM
 */
int dialoginfo_apply(struct dialoginfo *di, const struct pl *body)
{
	struct reader r = {.depth = 0};
	struct pl doc;
	int err = 0;

	if (!di || !body || !body->p)
		return EINVAL;

	doc = *body;
	text_trim(&doc);
	if (!doc.l || doc.l > BODY_MAX)
		return EBADMSG;

	r.parser = XML_ParserCreate("UTF-8");
	if (!r.parser)
		return ENOMEM;

	r.di = *di;

	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, start_handler, end_handler);
	XML_SetCharacterDataHandler(r.parser, text_handler);
	XML_SetStartDoctypeDeclHandler(r.parser, doctype_handler);

	if (XML_Parse(r.parser, doc.p, (int)doc.l, 1) != XML_STATUS_OK)
		err = r.err ? r.err : EBADMSG;
	else
		*di = r.di;

	XML_ParserFree(r.parser);

	return err;
}
