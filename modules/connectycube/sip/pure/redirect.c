/**
 * @file sip/pure/redirect.c  Where a call is sent on to: 3xx
 *
 * Pure. See redirect.h.
 */
#include <stdlib.h>
#include <string.h>
#include <re.h>
#include "sip/pure/redirect.h"


enum {
	TARGETS_MAX = 16,       /**< Addresses of one call that wait       */
};

/** An address */
struct target {
	struct le le;
	char *uri;              /**< Address (owned)                       */
	uint16_t q;             /**< Preference [1/1000]                   */
	uint16_t scode;         /**< Of what sent the call on from there,
				     0=not tried yet                       */
};

/** A call that is sent on */
struct redirect {
	struct list waitl;      /**< struct target, the best one first     */
	struct list triedl;     /**< struct target, the first one first    */
	uint32_t max;           /**< How often it may be sent on           */
};


static void target_destructor(void *data)
{
	struct target *t = data;

	list_unlink(&t->le);
	mem_deref(t->uri);
}


static void destructor(void *data)
{
	struct redirect *r = data;

	list_flush(&r->waitl);
	list_flush(&r->triedl);
}


static int target_alloc(struct target **tp, const char *uri, uint16_t q)
{
	struct target *t;
	int err;

	t = mem_zalloc(sizeof(*t), target_destructor);
	if (!t)
		return ENOMEM;

	t->q = q;
	err  = str_dup(&t->uri, uri);
	if (err)
		mem_deref(t);
	else
		*tp = t;

	return err;
}


/**
 * A call begins
 *
 * @param rp  Pointer to what is known of where it is sent on to
 * @param uri Address that is called first
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect_alloc(struct redirect **rp, const char *uri)
{
	struct redirect *r;
	struct target *t;
	int err;

	r = mem_zalloc(sizeof(*r), destructor);
	if (!r)
		return ENOMEM;

	err = target_alloc(&t, uri, 0);
	if (err) {
		mem_deref(r);
		return err;
	}

	list_append(&r->triedl, &t->le, t);
	*rp = r;

	return 0;
}


static bool is_param(const struct pl *params, const char *name,
		     const struct pl *val)
{
	struct pl other;

	if (msg_param_decode(params, name, &other))
		return !val;

	return val && !pl_cmp(&other, val);
}


/* By these a server tells addresses of one user apart (RFC 5627) */
static bool is_same_line(const struct uri *a, const struct uri *b)
{
	static const char *const namev[] = {"gr", "line"};
	struct pl val;
	size_t i;

	for (i=0; i<ARRAY_SIZE(namev); i++) {

		const bool has = !msg_param_decode(&a->params, namev[i], &val);

		if (!is_param(&b->params, namev[i], has ? &val : NULL))
			return false;
	}

	return true;
}


/* Two that are the same but for how they are reached are one: nothing is to go
   round in circles */
static bool is_same(const char *a, const char *b)
{
	struct uri ua, ub;
	struct pl pa, pb;

	pl_set_str(&pa, a);
	pl_set_str(&pb, b);

	if (uri_decode(&ua, &pa) || uri_decode(&ub, &pb))
		return !strcmp(a, b);

	return is_same_line(&ua, &ub) && !pl_cmp(&ua.user, &ub.user) &&
		!pl_casecmp(&ua.host, &ub.host) &&
		(ua.port ? ua.port : SIP_PORT) ==
		(ub.port ? ub.port : SIP_PORT);
}


static bool has(const struct list *l, const char *uri)
{
	struct le *le;

	for (le = list_head(l); le; le = le->next) {

		const struct target *t = le->data;

		if (is_same(t->uri, uri))
			return true;
	}

	return false;
}


/* [1/1000]; what is no number is the least */
static uint16_t read_q(const struct pl *params)
{
	struct pl val;
	double q;

	if (msg_param_decode(params, "q", &val))
		return 1000;

	q = pl_float(&val);

	return q >= 0 && q <= 1 ? (uint16_t)(q * 1000) : 0;
}


/* Behind those that are as good */
static void insert(struct redirect *r, struct target *t)
{
	struct le *le = list_tail(&r->waitl);

	while (le && ((struct target *)le->data)->q < t->q)
		le = le->prev;

	if (le)
		list_insert_after(&r->waitl, le, &t->le, t);
	else
		list_prepend(&r->waitl, &t->le, t);
}


static int add(struct redirect *r, const struct sip_hdr *hdr,
	       const struct redirect_rules *rules)
{
	struct sip_addr addr;
	struct target *t;
	struct mbuf *mb;
	char *uri = NULL;
	int err;

	err = sip_addr_decode(&addr, &hdr->val);
	if (err)
		return err;

	mb = mbuf_alloc(128);
	if (!mb)
		return ENOMEM;

	err = redirect_uri_print(mb, &addr.auri, rules);
	if (!err) {
		mb->pos = 0;
		err = mbuf_strdup(mb, &uri, mb->end);
	}
	if (!err && (has(&r->triedl, uri) || has(&r->waitl, uri)))
		err = EALREADY;
	if (!err)
		err = target_alloc(&t, uri, read_q(&addr.params));
	if (!err)
		insert(r, t);

	mem_deref(uri);
	mem_deref(mb);

	return err;
}


/** What add_handler() knows */
struct adding {
	struct redirect *r;
	const struct redirect_rules *rules;
	int err;                /**< Of the last one                       */
};


/* Each address, where several stand in one line, too */
static bool add_handler(const struct sip_hdr *hdr, const struct sip_msg *msg,
			void *arg)
{
	struct adding *a = arg;
	(void)msg;

	a->err = add(a->r, hdr, a->rules);

	return list_count(&a->r->waitl) >= TARGETS_MAX;
}


/**
 * The call is sent on
 *
 * @param r     Where to
 * @param msg   3xx
 * @param rules What may be followed
 *
 * @return 0 if there is a target to be tried, ENOENT if none is named,
 *         ENOTSUP if this is not followed at all, EALREADY if it goes in circles,
 *         E2BIG if it was sent on often enough, EACCES or EPROTONOSUPPORT if
 *         the rules forbid all that are named, otherwise errorcode
 */
int redirect_add(struct redirect *r, const struct sip_msg *msg,
		 const struct redirect_rules *rules)
{
	struct adding a = {r, rules, ENOENT};
	struct target *last = list_ledata(list_tail(&r->triedl));

	/* 305 is a server's way to another proxy, 380 needs a human */
	if (!rules->follow || msg->scode < 300 ||
	    msg->scode > 302)
		return ENOTSUP;

	r->max = min(rules->max, (uint32_t)REDIRECT_MAX);
	if (list_count(&r->triedl) > r->max)
		return E2BIG;

	if (last)
		last->scode = msg->scode;

	(void)sip_msg_hdr_apply(msg, true, SIP_HDR_CONTACT, add_handler, &a);

	return list_isempty(&r->waitl) ? a.err : 0;
}


/**
 * Get the next target to call
 *
 * @param r Where the call is sent on to
 *
 * @return Address, valid as long as r; NULL if there is none any more
 */
const char *redirect_next(struct redirect *r)
{
	struct target *t = list_ledata(list_head(&r->waitl));

	if (!t || list_count(&r->triedl) > r->max)
		return NULL;

	list_unlink(&t->le);
	list_append(&r->triedl, &t->le, t);

	return t->uri;
}


/**
 * Get the target that is being called
 *
 * @param r Where the call is sent on to
 *
 * @return Address, valid as long as r
 */
const char *redirect_target(const struct redirect *r)
{
	const struct target *t = list_ledata(list_tail(&r->triedl));

	return t ? t->uri : NULL;
}


/* --- what the new target is told --------------------------------------- */


/**
 * Print a value of Diversion: whom was called first (RFC 5806)
 *
 * @param pf Print function
 * @param r  Where the call is sent on to
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect_print_diversion(struct re_printf *pf, const struct redirect *r)
{
	const struct target *first = list_ledata(list_head(&r->triedl));

	if (!first)
		return 0;

	return re_hprintf(pf, "<%s>;reason=unknown;counter=%u", first->uri,
			  list_count(&r->triedl) - 1);
}


/* Headers stand behind parameters */
static int print_entry(struct re_printf *pf, const struct target *t)
{
	int err;

	err = re_hprintf(pf, "<%s", t->uri);
	if (!err && t->scode)
		err = re_hprintf(pf, "?Reason=SIP%%3Bcause%%3D%u", t->scode);
	if (!err)
		err = re_hprintf(pf, ">");

	return err;
}


/**
 * Print a value of History-Info: all that were called, each sent on to the next
 * (RFC 7044)
 *
 * @param pf Print function
 * @param r  Where the call is sent on to
 *
 * @return 0 if success, otherwise errorcode
 */
int redirect_print_history(struct re_printf *pf, const struct redirect *r)
{
	unsigned depth = 0, i;
	struct le *le;
	int err = 0;

	for (le = list_head(&r->triedl); le && !err; le = le->next) {

		err = re_hprintf(pf, "%s%H;index=1", depth ? ", " : "",
				 print_entry, le->data);

		for (i=0; i<depth && !err; i++)
			err = re_hprintf(pf, ".1");

		if (!err && depth)
			err = re_hprintf(pf, ";mp=1");

		for (i=1; i<depth && !err; i++)
			err = re_hprintf(pf, ".1");

		++depth;
	}

	return err;
}
