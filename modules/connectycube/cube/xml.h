/**
 * @file cube/xml.h  A small stanza tree
 *
 *   bytes --xml_decode()--> struct xml (tree) --> xmpp, signal
 *   xml_text_print(), xml_attr_print() <-- whoever writes a stanza
 *
 * Pure: no I/O, no state. What comes in is one whole element, as RFC 7395
 * frames it. Raw XML never travels past the files that call these.
 */

enum {
	XML_SIZE_MAX  = 262144, /**< Largest element taken [bytes]         */
	XML_DEPTH_MAX = 24,     /**< Deepest nesting taken                 */
	XML_NODE_MAX  = 4096,   /**< Most elements and attributes          */
};

/** An attribute of an element */
struct xml_attr {
	struct le le;           /**< Member of its element's attrl         */
	char *name;             /**< Local name (owner)                    */
	char *value;            /**< Value (owner)                         */
};

/** An element, with its children */
struct xml {
	struct le le;           /**< Member of its parent's childl         */
	struct xml *parent;     /**< The element it is in (parent)         */
	char *name;             /**< Local name (owner)                    */
	char *ns;               /**< Namespace, "" if none (owner)         */
	char *text;             /**< Text directly in it, or NULL (owner)  */
	struct list attrl;      /**< struct xml_attr (owner)               */
	struct list childl;     /**< struct xml (owner)                    */
};

int  xml_decode(struct xml **xp, const char *buf, size_t len);
bool xml_is(const struct xml *x, const char *name, const char *ns);
const struct xml *xml_child(const struct xml *x, const char *name,
			    const char *ns);
const char *xml_attr(const struct xml *x, const char *name);
const char *xml_text(const struct xml *x);
const char *xml_child_text(const struct xml *x, const char *name);
bool xml_is_delayed(const struct xml *x);

int  xml_text_print(struct re_printf *pf, const char *str);
int  xml_attr_print(struct re_printf *pf, const char *str);
int  xml_name_print(struct re_printf *pf, const struct pl *name);
