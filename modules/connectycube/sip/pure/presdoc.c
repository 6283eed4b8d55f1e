/**
 * @file sip/pure/presdoc.c  What watchers are told of an extension
 */
#include <re.h>
#include "sip/pure/presdoc.h"


#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"

static const struct {
	const char *event;
	const char *type;
} kindv[PRESDOC_KINDS] = {
	{"presence", "application/pidf+xml"},
	{"dialog",   "application/dialog-info+xml"},
};


/* Text for attributes and elements. What XML cannot hold is left out */
static int print_text(struct re_printf *pf, const char *text)
{
	int err = 0;

	for (; *text && !err; text++) {

		switch (*text) {

		case '&':  err = pf->vph("&amp;", 5, pf->arg);  break;
		case '<':  err = pf->vph("&lt;", 4, pf->arg);   break;
		case '>':  err = pf->vph("&gt;", 4, pf->arg);   break;
		case '"':  err = pf->vph("&quot;", 6, pf->arg); break;
		default:
			if ((uint8_t)*text >= ' ')
				err = pf->vph(text, 1, pf->arg);
			break;
		}
	}

	return err;
}


/**
 * Do two states say the same? The number of the document does not count
 *
 * @param a State
 * @param b State
 *
 * @return True if they do
 */
bool presdoc_same(const struct presdoc *a, const struct presdoc *b)
{
	size_t i;

	if (a->open != b->open || a->dnd != b->dnd || a->callc != b->callc)
		return false;

	for (i=0; i<a->callc; i++) {

		const struct presdoc_call *x = &a->callv[i], *y = &b->callv[i];

		if (x->id != y->id || x->from_app != y->from_app ||
		    x->up != y->up)
			return false;
	}

	return true;
}


/**
 * Find the document that an event is about
 *
 * @param kindp Its kind (output)
 * @param event Name of the event, without parameters
 *
 * @return True if there is one
 */
bool presdoc_kind(enum presdoc_kind *kindp, const struct pl *event)
{
	size_t i;

	for (i=0; i<PRESDOC_KINDS; i++) {

		if (pl_strcasecmp(event, kindv[i].event))
			continue;

		*kindp = (enum presdoc_kind)i;
		return true;
	}

	return false;
}


/**
 * Get the event that a document is about
 *
 * @param kind Kind of the document
 *
 * @return Name of the event
 */
const char *presdoc_event(enum presdoc_kind kind)
{
	return kindv[kind].event;
}


/**
 * Get the media type of a document
 *
 * @param kind Kind of the document
 *
 * @return Media type
 */
const char *presdoc_type(enum presdoc_kind kind)
{
	return kindv[kind].type;
}


/**
 * Does somebody take a document?
 *
 * @param kind   Kind of the document
 * @param accept One value of its Accept, which may be a list
 *
 * @return True if it does
 */
bool presdoc_accepted(enum presdoc_kind kind, const struct pl *accept)
{
	struct pl rest = *accept;

	while (rest.l) {

		struct pl one = rest, type;
		const char *comma = pl_strchr(&rest, ',');

		if (comma) {
			one.l = comma - rest.p;
			pl_advance(&rest, (ssize_t)one.l + 1);
		}
		else
			rest.l = 0;

		if (re_regex(one.p, one.l, "[^ \t;]+", &type))
			continue;

		if (!pl_strcasecmp(&type, kindv[kind].type) ||
		    !pl_strcasecmp(&type, "application/*") ||
		    !pl_strcasecmp(&type, "*/*"))
			return true;
	}

	return false;
}


static const char *activity(const struct presdoc *doc)
{
	return doc->callc ? "on-the-phone" : doc->dnd ? "busy" : NULL;
}


static const char *note(const struct presdoc *doc)
{
	return !doc->open ? "Offline" : doc->callc ? "On the phone"
		: doc->dnd ? "Do not disturb" : "Available";
}


static int print_activity(struct re_printf *pf, const struct presdoc *doc)
{
	const char *what = activity(doc);

	return what ? re_hprintf(pf, "<rpid:activities><rpid:%s/>"
				 "</rpid:activities>", what) : 0;
}


static int print_pidf(struct re_printf *pf, const struct presdoc *doc)
{
	return re_hprintf(pf, XML_HEAD
		"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\""
		" xmlns:dm=\"urn:ietf:params:xml:ns:pidf:data-model\""
		" xmlns:rpid=\"urn:ietf:params:xml:ns:pidf:rpid\""
		" entity=\"%H\">\r\n"
		"<tuple id=\"bridge\"><status><basic>%s</basic></status>"
		"<contact>%H</contact><note>%s</note></tuple>\r\n"
		"<dm:person id=\"user\">%H<dm:note>%s</dm:note>"
		"</dm:person>\r\n"
		"</presence>\r\n",
		print_text, doc->entity, doc->open ? "open" : "closed",
		print_text, doc->entity, note(doc),
		print_activity, doc, note(doc));
}


static int print_calls(struct re_printf *pf, const struct presdoc *doc)
{
	size_t i;
	int err = 0;

	for (i=0; i<doc->callc && !err; i++) {

		const struct presdoc_call *c = &doc->callv[i];

		err = re_hprintf(pf, "<dialog id=\"%u\" direction=\"%s\">"
				 "<state>%s</state></dialog>\r\n", c->id,
				 c->from_app ? "initiator" : "recipient",
				 c->up ? "confirmed" : "early");
	}

	return err;
}


/* Always the full state */
static int print_dialog(struct re_printf *pf, const struct presdoc *doc)
{
	return re_hprintf(pf, XML_HEAD
		"<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\""
		" version=\"%u\" state=\"full\" entity=\"%H\">\r\n"
		"%H</dialog-info>\r\n", doc->version,
		print_text, doc->entity, print_calls, doc);
}


/**
 * Write a document
 *
 * @param mbp  Pointer to allocated buffer, at its beginning
 * @param kind Kind of the document
 * @param doc  State
 *
 * @return 0 if success, otherwise errorcode
 */
int presdoc_write(struct mbuf **mbp, enum presdoc_kind kind,
		  const struct presdoc *doc)
{
	struct mbuf *mb;
	int err;

	mb = mbuf_alloc(1024);
	if (!mb)
		return ENOMEM;

	err = kind == PRESDOC_PIDF
		? mbuf_printf(mb, "%H", print_pidf, doc)
		: mbuf_printf(mb, "%H", print_dialog, doc);

	mb->pos = 0;

	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}
