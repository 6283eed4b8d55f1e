/**
 * @file connectycube_hub/web/page.c  The dashboard's page: / and /page/NAME
 *
 * It says nothing of anybody: who may look at what is asked when it asks the
 * API. Browsers keep the files, and ask each time whether they are still so.
 */
#include <string.h>
#include <openssl/sha.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "pagefiles.h"
#include "route.h"
#include "routes.h"

/* Nothing of others, nothing that stands in the page itself, and no text
   becomes HTML */
#define CSP "default-src 'self'; base-uri 'none'; form-action 'self';" \
	" frame-ancestors 'none'; object-src 'none';" \
	" require-trusted-types-for 'script'; trusted-types 'none'"

enum {
	ETAG = 2 + 32 + 1,      /**< Size of an ETag [bytes]               */
};


static void make_etag(char etag[ETAG], const struct page_file *f)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];

	(void)SHA256(f->start, (size_t)(f->end - f->start), hash);
	(void)re_snprintf(etag, ETAG, "\"%w\"", hash, (size_t)16);
}


static void answer(struct web_req *req, const struct page_file *f)
{
	char etag[ETAG];

	make_etag(etag, f);
	req->reply.kept = true;
	req->reply.csp  = CSP;
	(void)web_header(req, "ETag", "%s", etag);

	if (web_etag_match(req->none_match, etag))
		web_none(req, 304);
	else
		web_text(req, 200, f->type, (const char *)f->start,
			 (size_t)(f->end - f->start));
}


static void get_index(struct web_req *req)
{
	answer(req, &page_filev[0]);
}


static void get_file(struct web_req *req)
{
	const char *name = web_param(req, 0);
	size_t i;

	for (i=0; i<page_filec; i++) {
		if (!strcmp(page_filev[i].name, name)) {
			answer(req, &page_filev[i]);
			return;
		}
	}

	web_problem(req, 404, "the page has no such file");
}


const struct web_route web_page_routev[] = {
	{WEB_GET, "/", WEB_ANYBODY, get_index, "text/html"},
	{WEB_GET, "/page/{}", WEB_ANYBODY, get_file, ""},
	{0},
};
