/**
 * @file connectycube_hub/web/audit.c  Who has changed what, from where
 *
 * A line of the log, and one of JSON in a file. What was sent with a request is
 * in the file, if its handler knows what it is; what is secret is not, and of
 * keys that are pressed there is how many (bodycheck.c).
 */
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/log.h"
#include "base/mono.h"
#include "route.h"
#include "web.h"


/* As it was asked for, without the query */
static int print_path(struct re_printf *pf, const struct web_target *t)
{
	size_t i;
	int err = 0;

	for (i=0; i<t->segc; i++)
		err |= re_hprintf(pf, "/%s", t->segv[i]);

	return err;
}


static void write_line(const struct web_shared *sh, const struct web_req *req,
		       const char *path)
{
	struct mbuf *mb;
	json_t *j;
	char *text;

	j = json_pack("{sI,ss,ss,ss,ss,ss,si}",
		      "t", (json_int_t)(wall_us() / 1000),
		      "who", req->who, "role", web_role_name(req->role),
		      "from", req->from,
		      "method", web_method_name(req->method), "path", path,
		      "status", (int)req->reply.status);
	if (j && req->replayed)
		(void)json_object_set_new(j, "replayed", json_true());
	if (j && req->note)
		(void)json_object_set(j, "body", req->note);
	text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	json_decref(j);

	mb = mbuf_alloc(256);
	if (!text || !mb || mbuf_printf(mb, "%s\n", text) ||
	    web_save_line(sh->save, sh->audit, mem_ref(mb)))
		clog_warning("hub: http: there is no room for the audit"
			     " log\n");

	mem_deref(mb);
	free(text);
}


/**
 * A request has been answered: if it was to change something, that is kept
 *
 * @param sh  What connections have in common
 * @param req Request
 */
void web_audit(const struct web_shared *sh, const struct web_req *req)
{
	char path[WEB_TARGET];

	if (!req->route || (req->method == WEB_GET && !req->audit))
		return;

	/* of those whom nobody knows, that a token was none: that has its
	   limit (fails.c). All else would let them fill the disk */
	if (!req->who[0] && (req->route->role != WEB_ANYBODY ||
			     req->reply.status != 401))
		return;

	if (re_snprintf(path, sizeof(path), "%H", print_path,
			&req->target) < 0)
		return;

	clog_info("hub: http: %s (%s) from %s: %s %s: %u\n",
		  req->who[0] ? req->who : "somebody",
		  web_role_name(req->role), req->from,
		  web_method_name(req->method), path, req->reply.status);

	write_line(sh, req, path);
}
