/**
 * @file sip/pure/presdoc.h  What watchers are told of an extension
 *
 *   PRESDOC_PIDF     application/pidf+xml: open or closed, busy, and why
 *                    (RFC 3863, 4479, 4480)
 *   PRESDOC_DIALOG   application/dialog-info+xml: its calls, for the lamps of
 *                    desk phones (RFC 4235). Never with whom
 *
 * Pure.
 */

enum {
	PRESDOC_CALLS = 16,     /**< Calls that a document has at most     */
};

/** Kind of a document */
enum presdoc_kind {
	PRESDOC_PIDF = 0,       /**< Event: presence                       */
	PRESDOC_DIALOG,         /**< Event: dialog                         */
	PRESDOC_KINDS
};

/** One call */
struct presdoc_call {
	uint32_t id;            /**< Its number                            */
	bool from_app;          /**< The extension's user has called       */
	bool up;                /**< It is answered                        */
};

/** State of an extension */
struct presdoc {
	const char *entity;     /**< Address of the extension              */
	bool open;              /**< It can be called                      */
	bool dnd;               /**< It does not want to be                */
	struct presdoc_call callv[PRESDOC_CALLS];
	size_t callc;           /**< Number of calls                       */
	uint32_t version;       /**< Number of the document, dialog only   */
};

bool presdoc_same(const struct presdoc *a, const struct presdoc *b);
bool presdoc_kind(enum presdoc_kind *kindp, const struct pl *event);
const char *presdoc_event(enum presdoc_kind kind);
const char *presdoc_type(enum presdoc_kind kind);
bool presdoc_accepted(enum presdoc_kind kind, const struct pl *accept);
int  presdoc_write(struct mbuf **mbp, enum presdoc_kind kind,
		   const struct presdoc *doc);
