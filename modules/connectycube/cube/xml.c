/**
 * @file cube/xml.c  A small stanza tree on expat
 *
 * Only what RFC 6120 section 11.1 allows in a stream is taken: a DTD is
 * refused, so no entity can be defined and none is ever expanded; size,
 * depth and number of nodes are bounded.
 */
#include <string.h>
#include <expat.h>
#include <re.h>
#include "xml.h"


enum {
	NS_SEP = '\n',          /**< Cannot be part of a namespace or name */
};

/** A parser at work */
struct builder {
	XML_Parser parser;      /**< Expat's parser (owner)                */
	struct xml *root;       /**< The tree (owner)                      */
	struct xml *cur;        /**< Element that is open (pointer)        */
	struct mbuf *textv[XML_DEPTH_MAX]; /**< Text of open elements      */
	unsigned depth;         /**< Open elements                         */
	unsigned nodes;         /**< Elements and attributes so far        */
	int err;                /**< Why it was stopped                    */
};


static void xml_destructor(void *data)
{
	struct xml *x = data;

	list_flush(&x->childl);
	list_flush(&x->attrl);
	list_unlink(&x->le);
	mem_deref(x->name);
	mem_deref(x->ns);
	mem_deref(x->text);
}


static void attr_destructor(void *data)
{
	struct xml_attr *attr = data;

	list_unlink(&attr->le);
	mem_deref(attr->name);
	mem_deref(attr->value);
}


static void stop(struct builder *b, int err)
{
	if (!b->err)
		b->err = err;

	(void)XML_StopParser(b->parser, XML_FALSE);
}


/* expat joins namespace and local name by NS_SEP */
static int split_name(char **name, char **ns, const char *str)
{
	const char *sep = strchr(str, NS_SEP);
	struct pl pl;

	if (!sep)
		return ns ? str_dup(name, str) || str_dup(ns, "") ? ENOMEM : 0
			  : str_dup(name, str);

	pl.p = str;
	pl.l = sep - str;

	if (ns) {
		int err = pl_strdup(ns, &pl);
		if (err)
			return err;
	}

	return str_dup(name, sep + 1);
}


static int add_attr(struct xml *x, const char *name, const char *value)
{
	struct xml_attr *attr;
	int err;

	attr = mem_zalloc(sizeof(*attr), attr_destructor);
	if (!attr)
		return ENOMEM;

	err = split_name(&attr->name, NULL, name);
	if (!err)
		err = str_dup(&attr->value, value);

	if (err)
		mem_deref(attr);
	else
		list_append(&x->attrl, &attr->le, attr);

	return err;
}


static void start_handler(void *arg, const XML_Char *name,
			  const XML_Char **attrv)
{
	struct builder *b = arg;
	struct xml *x;
	int err;

	if (b->depth >= XML_DEPTH_MAX || ++b->nodes > XML_NODE_MAX) {
		stop(b, EOVERFLOW);
		return;
	}

	x = mem_zalloc(sizeof(*x), xml_destructor);
	if (!x) {
		stop(b, ENOMEM);
		return;
	}

	/* in the tree first, so that it is freed with the tree */
	x->parent = b->cur;
	if (b->cur)
		list_append(&b->cur->childl, &x->le, x);
	else
		b->root = x;

	b->cur = x;
	++b->depth;

	err = split_name(&x->name, &x->ns, name);

	for (; !err && attrv[0]; attrv += 2) {

		err = ++b->nodes > XML_NODE_MAX ? EOVERFLOW
			: add_attr(x, attrv[0], attrv[1]);
	}

	if (err)
		stop(b, err);
}


static void end_handler(void *arg, const XML_Char *name)
{
	struct builder *b = arg;
	struct mbuf **mbp;
	(void)name;

	/* expat may report what was closed before it was stopped */
	if (b->err || !b->cur || !b->depth)
		return;

	mbp = &b->textv[--b->depth];

	if (*mbp) {
		(*mbp)->pos = 0;
		if (mbuf_strdup(*mbp, &b->cur->text, (*mbp)->end))
			stop(b, ENOMEM);

		*mbp = mem_deref(*mbp);
	}

	b->cur = b->cur->parent;
}


static void text_handler(void *arg, const XML_Char *str, int len)
{
	struct builder *b = arg;
	struct mbuf **mbp;

	if (b->err || !b->depth || len <= 0)
		return;

	mbp = &b->textv[b->depth - 1];

	if (!*mbp)
		*mbp = mbuf_alloc(len);

	if (!*mbp || mbuf_write_mem(*mbp, (const uint8_t *)str, len))
		stop(b, ENOMEM);
}


static void doctype_handler(void *arg, const XML_Char *name,
			    const XML_Char *sysid, const XML_Char *pubid,
			    int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;

	stop(arg, EPROTO);
}


/**
 * Decode one whole XML element into a tree
 *
 * @param xp  Returned tree; the caller derefs it
 * @param buf UTF-8 text; leading and trailing space is allowed
 * @param len Length of the text [bytes], at most XML_SIZE_MAX
 *
 * @return 0 if success; EINVAL no argument; EMSGSIZE too large; EOVERFLOW
 *         too deep or too many nodes; EPROTO holds a DTD; EBADMSG not
 *         well-formed; ENOMEM
 */
int xml_decode(struct xml **xp, const char *buf, size_t len)
{
	struct builder b = {.root = NULL};
	size_t i;

	if (!xp || !buf)
		return EINVAL;

	if (len > XML_SIZE_MAX)
		return EMSGSIZE;

	b.parser = XML_ParserCreateNS("UTF-8", NS_SEP);
	if (!b.parser)
		return ENOMEM;

	XML_SetUserData(b.parser, &b);
	XML_SetElementHandler(b.parser, start_handler, end_handler);
	XML_SetCharacterDataHandler(b.parser, text_handler);
	XML_SetStartDoctypeDeclHandler(b.parser, doctype_handler);

	if (XML_STATUS_OK != XML_Parse(b.parser, buf, (int)len, XML_TRUE) &&
	    !b.err)
		b.err = EBADMSG;

	if (!b.err && !b.root)
		b.err = EBADMSG;

	XML_ParserFree(b.parser);
	for (i=0; i<ARRAY_SIZE(b.textv); i++)
		mem_deref(b.textv[i]);

	if (b.err)
		mem_deref(b.root);
	else
		*xp = b.root;

	return b.err;
}


/**
 * Check an element's name and namespace
 *
 * @param x    Element, may be NULL
 * @param name Local name
 * @param ns   Namespace, NULL=any
 *
 * @return true if it is that element
 */
bool xml_is(const struct xml *x, const char *name, const char *ns)
{
	return x && 0 == str_cmp(x->name, name) &&
		(!ns || 0 == str_cmp(x->ns, ns));
}


/**
 * Find the first child element of a name
 *
 * @param x    Element, may be NULL
 * @param name Local name, NULL=any
 * @param ns   Namespace, NULL=any
 *
 * @return Child if found (owned by the tree), otherwise NULL
 */
const struct xml *xml_child(const struct xml *x, const char *name,
			    const char *ns)
{
	struct le *le;

	if (!x)
		return NULL;

	for (le = list_head(&x->childl); le; le = le->next) {

		const struct xml *child = le->data;

		if (name && str_cmp(child->name, name))
			continue;

		if (ns && str_cmp(child->ns, ns))
			continue;

		return child;
	}

	return NULL;
}


/**
 * Get the value of an attribute
 *
 * @param x    Element, may be NULL
 * @param name Local name
 *
 * @return Value (owned by the tree), NULL if there is none
 */
const char *xml_attr(const struct xml *x, const char *name)
{
	struct le *le;

	if (!x)
		return NULL;

	for (le = list_head(&x->attrl); le; le = le->next) {

		const struct xml_attr *attr = le->data;

		if (0 == str_cmp(attr->name, name))
			return attr->value;
	}

	return NULL;
}


/**
 * Get the text that is directly inside an element
 *
 * @param x Element, may be NULL
 *
 * @return Text (owned by the tree), never NULL
 */
const char *xml_text(const struct xml *x)
{
	return x && x->text ? x->text : "";
}


/**
 * Get the text of the first child element of a name, in any namespace
 *
 * @param x    Element, may be NULL
 * @param name Local name of the child
 *
 * @return Text (owned by the tree), NULL if there is no such child
 */
const char *xml_child_text(const struct xml *x, const char *name)
{
	const struct xml *child = xml_child(x, name, NULL);

	return child ? xml_text(child) : NULL;
}


/**
 * Was a stanza delivered late? (XEP-0203, and XEP-0091 before it)
 *
 * @param x Stanza
 *
 * @return True if it was
 */
bool xml_is_delayed(const struct xml *x)
{
	return xml_child(x, "delay", NULL) ||
		xml_child(x, "x", "jabber:x:delay");
}
