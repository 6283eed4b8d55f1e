/**
 * @file sip/pure/mediactl.c  Media control in SIP INFO bodies (RFC 5168)
 *
 *   <media_control><vc_primitive><to_encoder>
 *     <picture_fast_update/>
 *   </to_encoder></vc_primitive></media_control>
 *
 * How a phone without RTCP feedback asks for a keyframe. Pure: bytes in, the
 * request out. A DTD is refused, so no entity can be defined or expanded;
 * size and depth are bounded.
 */
#include <string.h>
#include <expat.h>
#include <re.h>
#include "mediactl.h"


enum {
	BODY_MAX  = 4096,       /* real ones have 200 bytes [bytes] */
	DEPTH_MAX = 16,
};

/** A parser at work */
struct reader {
	XML_Parser parser;      /**< Expat's parser (owner)                */
	unsigned depth;         /**< Open elements                         */
	unsigned path;          /**< How many of pathv are open, in order  */
	bool fast_update;       /**< All of pathv was there                */
	bool refused;           /**< Not what we take                      */
};

static const char *const pathv[] = {
	"media_control", "vc_primitive", "to_encoder", "picture_fast_update",
};


static void refuse(struct reader *r)
{
	r->refused = true;
	(void)XML_StopParser(r->parser, XML_FALSE);
}


/* Some write the schema's namespace with a prefix */
static const char *local_name(const char *name)
{
	const char *sep = strchr(name, ':');

	return sep ? sep + 1 : name;
}


static void XMLCALL start_handler(void *arg, const XML_Char *name,
				  const XML_Char **attrv)
{
	struct reader *r = arg;
	(void)attrv;

	name = local_name(name);

	if (r->depth >= DEPTH_MAX || (!r->depth && strcmp(name, pathv[0]))) {
		refuse(r);
		return;
	}

	if (r->path == r->depth && r->path < ARRAY_SIZE(pathv) &&
	    !strcmp(name, pathv[r->path]))
		++r->path;

	if (r->path == ARRAY_SIZE(pathv))
		r->fast_update = true;

	++r->depth;
}


static void XMLCALL end_handler(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	(void)name;

	--r->depth;

	if (r->path > r->depth)
		r->path = r->depth;
}


static void XMLCALL doctype_handler(void *arg, const XML_Char *name,
				    const XML_Char *sysid,
				    const XML_Char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;

	refuse(arg);
}


/* Phones put line ends, or a string's final zero, around the document */
static void strip(struct pl *pl)
{
	static const char blanks[] = " \t\r\n";

	while (pl->l && memchr(blanks, pl->p[0], sizeof(blanks)))
		pl_advance(pl, 1);

	while (pl->l && memchr(blanks, pl->p[pl->l - 1], sizeof(blanks)))
		--pl->l;
}


/**
 * Is a body media control?
 *
 * @param type    Content type
 * @param subtype Content subtype
 *
 * @return True if it is
 */
bool mediactl_type(const struct pl *type, const struct pl *subtype)
{
	return type && subtype && !pl_strcasecmp(type, "application") &&
		!pl_strcasecmp(subtype, "media_control+xml");
}


/**
 * Decode a body
 *
 * @param fast_update True if a keyframe is asked for (output)
 * @param body        Body
 *
 * @return 0 if success, EINVAL for missing arguments, ENOMEM, EBADMSG if it
 *         is no media control
 */
int mediactl_decode(bool *fast_update, const struct pl *body)
{
	struct reader r = {.depth = 0};
	struct pl doc;
	int err = 0;

	if (!fast_update || !body || !body->p)
		return EINVAL;

	doc = *body;
	strip(&doc);
	if (!doc.l || doc.l > BODY_MAX)
		return EBADMSG;

	r.parser = XML_ParserCreate("UTF-8");
	if (!r.parser)
		return ENOMEM;

	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, start_handler, end_handler);
	XML_SetStartDoctypeDeclHandler(r.parser, doctype_handler);

	if (XML_Parse(r.parser, doc.p, (int)doc.l, 1) != XML_STATUS_OK ||
	    r.refused)
		err = EBADMSG;
	else
		*fast_update = r.fast_update;

	XML_ParserFree(r.parser);

	return err;
}


/**
 * Encode a body that asks for a keyframe
 *
 * @param mb Buffer to write to
 *
 * @return 0 if success, otherwise errorcode
 */
int mediactl_encode(struct mbuf *mb)
{
	return mbuf_printf(mb, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
			   "<%s><%s><%s><%s/></%s></%s></%s>\r\n",
			   pathv[0], pathv[1], pathv[2], pathv[3],
			   pathv[2], pathv[1], pathv[0]);
}
