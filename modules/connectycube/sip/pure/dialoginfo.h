/**
 * @file sip/pure/dialoginfo.h  What a SIP server tells of a phone's calls
 *
 *   <dialog-info version="3" state="partial" entity="sip:1001@pbx.example">
 *     <dialog id="x1" direction="recipient"><state>early</state></dialog>
 *   </dialog-info>
 *
 * application/dialog-info+xml (RFC 4235). A full document says all; a partial
 * one only what has changed since the version before. Pure.
 */

enum {
	DIALOGINFO_MAX = 32,    /**< Calls of a phone that are remembered  */
	DIALOGINFO_ID  = 128,   /**< Size of their ids [bytes]             */
};

/** A phone's calls */
struct dialoginfo {
	char idv[DIALOGINFO_MAX][DIALOGINFO_ID]; /**< Those that go on     */
	size_t idc;             /**< Number of them                        */
	uint32_t version;       /**< Of the last document                  */
	bool known;             /**< There was one                         */
};

int dialoginfo_apply(struct dialoginfo *di, const struct pl *body);
