/**
 * @file sip/pure/branches.h  The phones that one INVITE of ours rings
 *
 * A proxy may ring many of them, one after another or all at once, and hands on
 * what each says; they are told apart by their tag in To. Several may have
 * something to be heard before anybody answers (183 with an SDP), all of it sent to
 * our one port. Who is heard:
 *
 *      183 a, SDP    a
 *      183 b, SDP    b: the one that comes later, as when a proxy tries one
 *                    phone after another
 *      183 a, SDP    b: what is said again changes nothing
 *      199 b         a again (RFC 6228)
 *      200 a         a, with what it said in its 183 if its 200 has no SDP
 */

enum {
	BRANCHES_MAX = 32,      /**< Phones that are remembered            */
	BRANCH_SDP_MAX = 8192,  /**< Longest SDP that is kept [bytes]      */
};

/** What becomes of a response */
enum branch_does {
	BRANCH_PASSES = 0,      /**< It is heard, or has nothing to be     */
	BRANCH_IGNORED,         /**< Its SDP is not to be read             */
	BRANCH_SPEAKS,          /**< Another SDP is to be read instead     */
	BRANCH_SILENT,          /**< Nobody is heard any more              */
};

/** The same, and what goes with it */
struct branch_verdict {
	enum branch_does does;  /**< What becomes of it                    */
	struct pl sdp;          /**< With BRANCH_SPEAKS: which             */
	bool other;             /**< Somebody else was heard before        */
};

struct branches;

int  branches_alloc(struct branches **bp);
void branches_progress(struct branches *b, struct branch_verdict *v,
		       uint16_t scode, const struct pl *tag,
		       const struct pl *sdp);
bool branches_offer(struct branches *b, const struct pl *tag,
		    const struct pl *sdp);
void branches_answer(struct branches *b, struct branch_verdict *v,
		     const struct pl *tag, const struct pl *sdp);
