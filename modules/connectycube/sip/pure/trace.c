/**
 * @file sip/pure/trace.c  Ids that other systems know a call by
 *
 *   traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
 *                vv trace id                         parent id        flags
 */
#include <string.h>
#include <re.h>
#include "base/text.h"
#include "sip/pure/trace.h"


static bool is_hex(const char *p, size_t n)
{
	size_t i;

	for (i=0; i<n; i++) {
		if (!strchr("0123456789abcdef", p[i]) || !p[i])
			return false;
	}

	return true;
}


static bool is_zero(const char *p, size_t n)
{
	while (n && p[n - 1] == '0')
		--n;

	return !n;
}


static bool is_w3c(const char *name)
{
	return !str_casecmp(name, "traceparent");
}


/* W3C Trace Context, 3.2.2; a later version may have more behind it */
static bool read_w3c(struct pl *id, const struct pl *val)
{
	const char *p = val->p;

	if (val->l < 55 || (val->l > 55 && p[55] != '-') ||
	    p[2] != '-' || p[35] != '-' || p[52] != '-' ||
	    !is_hex(p, 2) || !strncmp(p, "ff", 2) ||
	    !is_hex(&p[3], TRACE_W3C) || is_zero(&p[3], TRACE_W3C) ||
	    !is_hex(&p[36], 16) || is_zero(&p[36], 16) || !is_hex(&p[53], 2))
		return false;

	if (val->l > 55 && !strncmp(p, "00", 2))
		return false;

	id->p = &p[3];
	id->l = TRACE_W3C;

	return true;
}


static bool is_plain(const struct pl *val)
{
	size_t i;

	for (i=0; i<val->l; i++) {
		if (val->p[i] <= ' ' || val->p[i] > '~')
			return false;
	}

	return val->l > 0;
}


/**
 * Make an id, as the W3C has it
 *
 * @param id   Set to it
 * @param size Room there [bytes]
 */
void trace_make(char *id, size_t size)
{
	(void)re_snprintf(id, size, "%016llx%016llx",
			  (unsigned long long)rand_u64(),
			  (unsigned long long)rand_u64());
}


/**
 * Read the id of a call
 *
 * @param id   Set to it; empty if there is none that can be used
 * @param size Room there [bytes]
 * @param msg  INVITE
 * @param name Header that it is in, NULL=none
 *
 * @return True if there is one
 */
bool trace_read(char *id, size_t size, const struct sip_msg *msg,
		const char *name)
{
	const struct sip_hdr *hdr = name ? sip_msg_xhdr(msg, name) : NULL;
	struct pl pl;

	id[0] = '\0';
	if (!hdr)
		return false;

	pl = hdr->val;
	if (is_w3c(name) ? !read_w3c(&pl, &hdr->val) : !is_plain(&pl))
		return false;

	/* half an id is none */
	return pl.l < size && !text_str(id, size, &pl);
}


/**
 * Can an id go by a header?
 *
 * @param th Id and header
 *
 * @return True if it can
 */
bool trace_may_print(const struct trace_hdr *th)
{
	if (!str_isset(th->name) || !str_isset(th->id))
		return false;

	return !is_w3c(th->name) ||
		(strlen(th->id) == TRACE_W3C && is_hex(th->id, TRACE_W3C) &&
		 !is_zero(th->id, TRACE_W3C));
}


/**
 * Print the value of a header that an id goes by: we are its parent
 *
 * @param pf Print function
 * @param th Id and header
 *
 * @return 0 if success, otherwise errorcode
 */
int trace_print(struct re_printf *pf, const struct trace_hdr *th)
{
	if (!is_w3c(th->name))
		return re_hprintf(pf, "%s", th->id);

	return re_hprintf(pf, "00-%s-%016llx-01", th->id,
			  (unsigned long long)(rand_u64() | 1));
}
