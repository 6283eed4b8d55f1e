/**
 * @file sip/pure/branches.c  The phones that one INVITE of ours rings
 *
 * Pure. See branches.h.
 */
#include <string.h>
#include <re.h>
#include "sip/pure/branches.h"


/** One of the phones */
struct branch {
	struct le le;
	char *tag;              /**< Its tag, or empty (owned)             */
	char *sdp;              /**< What it said last (owned), or NULL    */
	bool spoke;             /**< It has said something                 */
	bool over;              /**< It has gone                           */
};

/** All of them */
struct branches {
	struct list branchl;    /**< struct branch; who spoke last is last */
	struct branch *heard;   /**< Who is heard (pointer), NULL=nobody   */
};


static void branch_destructor(void *data)
{
	struct branch *br = data;

	list_unlink(&br->le);
	mem_deref(br->tag);
	mem_deref(br->sdp);
}


static void destructor(void *data)
{
	struct branches *b = data;

	list_flush(&b->branchl);
}


/**
 * Begin with no phone
 *
 * @param bp Pointer to the phones
 *
 * @return 0 if success, ENOMEM
 */
int branches_alloc(struct branches **bp)
{
	*bp = mem_zalloc(sizeof(**bp), destructor);

	return *bp ? 0 : ENOMEM;
}


static struct branch *find(const struct branches *b, const struct pl *tag)
{
	struct le *le;

	for (le = b->branchl.head; le; le = le->next) {

		struct branch *br = le->data;

		if (!pl_strcmp(tag, br->tag))
			return br;
	}

	return NULL;
}


static struct branch *add(struct branches *b, const struct pl *tag)
{
	struct branch *br;

	if (list_count(&b->branchl) >= BRANCHES_MAX)
		return NULL;

	br = mem_zalloc(sizeof(*br), branch_destructor);
	if (!br)
		return NULL;

	/* very old ones have no tag */
	if (re_sdprintf(&br->tag, "%r", tag)) {
		mem_deref(br);
		return NULL;
	}

	list_append(&b->branchl, &br->le, br);

	return br;
}


/* One that is too long is read, but not remembered */
static void keep(struct branch *br, const struct pl *sdp)
{
	br->spoke = true;
	br->sdp   = mem_deref(br->sdp);

	if (sdp->l <= BRANCH_SDP_MAX)
		(void)pl_strdup(&br->sdp, sdp);
}


static bool is_same(const struct branch *br, const struct pl *sdp)
{
	return br->sdp && !pl_strcmp(sdp, br->sdp);
}


static void listen_to(struct branches *b, struct branch *br,
		      struct branch_verdict *v)
{
	v->other = b->heard != br && b->heard;
	b->heard = br;

	/* who is heard is the last of the list */
	list_unlink(&br->le);
	list_append(&b->branchl, &br->le, br);
}


/* The phone that was heard has gone: the one before it, if it is still there */
static void go_back(struct branches *b, struct branch_verdict *v)
{
	struct le *le;

	for (le = b->branchl.tail; le; le = le->prev) {

		struct branch *br = le->data;

		if (br->over || !br->sdp)
			continue;

		listen_to(b, br, v);
		pl_set_str(&v->sdp, br->sdp);
		v->does = BRANCH_SPEAKS;
		return;
	}

	b->heard = NULL;
	v->does  = BRANCH_SILENT;
}


static void gone(struct branches *b, struct branch_verdict *v,
		 const struct pl *tag)
{
	struct branch *br = find(b, tag);

	/* a 183 that this one has overtaken comes too late */
	if (!br)
		br = add(b, tag);
	if (!br)
		return;

	br->over = true;

	if (b->heard == br)
		go_back(b, v);
}


/**
 * A phone has told of itself: 101 to 199
 *
 * @param b     Phones
 * @param v     What becomes of it (output); sdp is valid until the next call
 * @param scode Status code
 * @param tag   Its tag, may be unset
 * @param sdp   Its SDP, unset or empty if there is none
 */
void branches_progress(struct branches *b, struct branch_verdict *v,
		       uint16_t scode, const struct pl *tag,
		       const struct pl *sdp)
{
	struct branch *br;

	memset(v, 0, sizeof(*v));

	/* of an SDP in it nothing would be heard */
	if (scode == 199) {
		v->does = BRANCH_IGNORED;
		gone(b, v, tag);
		return;
	}

	if (!pl_isset(sdp))
		return;

	br = find(b, tag);
	if (!br)
		br = add(b, tag);

	if (!br || br->over || is_same(br, sdp) ||
	    (br->spoke && b->heard && b->heard != br)) {
		v->does = BRANCH_IGNORED;
		return;
	}

	listen_to(b, br, v);
	keep(br, sdp);
}


/**
 * A phone that is heard offers something else
 *
 * @param b   Phones
 * @param tag Its tag
 * @param sdp Its SDP
 *
 * @return False if it is not the one that is heard
 */
bool branches_offer(struct branches *b, const struct pl *tag,
		    const struct pl *sdp)
{
	struct branch *br = find(b, tag);

	if (!br || br != b->heard)
		return false;

	keep(br, sdp);

	return true;
}


/**
 * A phone has answered. It is heard, whoever was before
 *
 * @param b   Phones
 * @param v   What becomes of its answer (output)
 * @param tag Its tag, may be unset
 * @param sdp Its SDP, unset or empty if there is none
 */
void branches_answer(struct branches *b, struct branch_verdict *v,
		     const struct pl *tag, const struct pl *sdp)
{
	struct branch *br = find(b, tag);

	memset(v, 0, sizeof(*v));

	v->other = b->heard && b->heard != br;
	b->heard = br;

	/* some gateways think that they need not repeat it */
	if (br && br->sdp && !pl_isset(sdp)) {
		pl_set_str(&v->sdp, br->sdp);
		v->does = BRANCH_SPEAKS;
	}
}
