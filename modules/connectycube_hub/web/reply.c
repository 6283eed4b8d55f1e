/**
 * @file connectycube_hub/web/reply.c  Answers to requests
 *
 * Pure: an answer is kept in the request, and whoever sends it is told once.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "route.h"


enum {
	DETAIL = 512,           /**< Longest detail of a problem [bytes]   */
	DIGITS = 15,            /**< Of a number that is no integer        */
};


/* Reason phrase (RFC 9110 section 15) */
static const char *web_reason(unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} v[] = {
		{200, "OK"}, {201, "Created"}, {202, "Accepted"},
		{204, "No Content"}, {206, "Partial Content"},
		{303, "See Other"}, {304, "Not Modified"},
		{400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"},
		{405, "Method Not Allowed"}, {406, "Not Acceptable"},
		{408, "Request Timeout"}, {409, "Conflict"}, {410, "Gone"},
		{411, "Length Required"}, {413, "Content Too Large"},
		{414, "URI Too Long"}, {415, "Unsupported Media Type"},
		{416, "Range Not Satisfiable"}, {417, "Expectation Failed"},
		{421, "Misdirected Request"}, {422, "Unprocessable Content"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"}, {501, "Not Implemented"},
		{502, "Bad Gateway"}, {503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (v[i].status == status)
			return v[i].reason;
	}

	return "Unknown";
}


static void finish(struct web_req *req, unsigned status, const char *type,
		   struct mbuf *body)
{
	web_done_h *doneh = req->doneh, *keeph = req->keeph;

	req->reply.status = status;
	req->reply.type   = type;
	req->reply.body   = body;
	req->doneh        = NULL;
	req->keeph        = NULL;

	if (keeph)
		keeph(req, req->keep);
	if (doneh)
		doneh(req, req->arg);
}


/**
 * Answer with text of any type
 *
 * @param req    Request
 * @param status Status code
 * @param type   Content-Type, a constant
 * @param mb     Text, all of it; its reference is taken. NULL=there was no
 *               memory for it
 */
void web_mbuf(struct web_req *req, unsigned status, const char *type,
	      struct mbuf *mb)
{
	if (!req || req->reply.status) {
		mem_deref(mb);
		return;
	}

	if (mb)
		finish(req, status, type, mb);
	else
		finish(req, 500, NULL, NULL);
}


/**
 * Answer with text of any type
 *
 * @param req    Request
 * @param status Status code
 * @param type   Content-Type, a constant
 * @param text   Text
 * @param len    Its length [bytes]
 */
void web_text(struct web_req *req, unsigned status, const char *type,
	      const char *text, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len + 1);

	if (mb && mbuf_write_mem(mb, (const uint8_t *)text, len))
		mb = mem_deref(mb);

	web_mbuf(req, status, type, mb);
}


static void answer_json(struct web_req *req, unsigned status,
			const char *type, json_t *j)
{
	char *text = NULL;

	if (j)
		text = json_dumps(j, JSON_COMPACT |
				  JSON_REAL_PRECISION(DIGITS));
	json_decref(j);

	if (text)
		web_text(req, status, type, text, strlen(text));
	else
		web_mbuf(req, 500, NULL, NULL);

	free(text);
}


/**
 * Answer with JSON
 *
 * @param req    Request
 * @param status Status code
 * @param j      Value; its reference is taken. NULL=there was no memory
 */
void web_json(struct web_req *req, unsigned status, struct json_t *j)
{
	answer_json(req, status, "application/json", j);
}


/**
 * Answer without a body
 *
 * @param req    Request
 * @param status Status code
 */
void web_none(struct web_req *req, unsigned status)
{
	if (req && !req->reply.status)
		finish(req, status, NULL, NULL);
}


static void problem(struct web_req *req, unsigned status, const char *code,
		    const char *member, const char *fmt, va_list ap)
{
	char detail[DETAIL] = "";
	json_t *j;

	if (fmt && re_vsnprintf(detail, sizeof(detail), fmt, ap) < 0)
		detail[0] = '\0';

	j = json_pack("{ss,ss,si}", "type", "about:blank", "title",
		      web_reason(status), "status", (int)status);
	if (j && detail[0])
		(void)json_object_set_new(j, "detail", json_string(detail));
	if (j && code)
		(void)json_object_set_new(j, "code", json_string(code));
	if (j && member)
		(void)json_object_set_new(j, "member", json_string(member));

	answer_json(req, status, "application/problem+json", j);
}


/**
 * Answer with a file, or a part of it
 *
 * @param req    Request
 * @param status Status code
 * @param type   Content-Type, a constant
 * @param fd     File, which is taken
 * @param off    Where the part begins [bytes]
 * @param len    Its length [bytes]
 */
void web_fd(struct web_req *req, unsigned status, const char *type, int fd,
	    uint64_t off, uint64_t len)
{
	if (!req || req->reply.status) {
		(void)close(fd);
		return;
	}

	req->reply.fd  = fd;
	req->reply.off = off;
	req->reply.len = len;
	finish(req, status, type, NULL);
}


/**
 * Answer that it cannot be done: a problem (RFC 9457)
 *
 * @param req    Request
 * @param status Status code
 * @param fmt    What is wrong, for people; NULL=the status says it
 */
void web_problem(struct web_req *req, unsigned status, const char *fmt, ...)
{
	va_list ap;

	if (!req || req->reply.status)
		return;

	va_start(ap, fmt);
	problem(req, status, NULL, NULL, fmt, ap);
	va_end(ap);
}


/**
 * Answer that it cannot be done, and tell programs why
 *
 * @param req    Request
 * @param status Status code
 * @param code   What is wrong, in a word of a list (docs/API.md)
 * @param member Name of what is wrong in the body or the query, NULL=it is
 *               none of these
 * @param fmt    What is wrong, for people
 */
void web_fault(struct web_req *req, unsigned status, const char *code,
	       const char *member, const char *fmt, ...)
{
	va_list ap;

	if (!req || req->reply.status)
		return;

	va_start(ap, fmt);
	problem(req, status, code, member, fmt, ap);
	va_end(ap);
}


/**
 * Add a line to the head of the answer, before it is given
 *
 * @param req  Request
 * @param name Name of the header
 * @param fmt  Its value
 *
 * @return 0 if success; EBADMSG it is no value of a header; ENOMEM
 */
int web_header(struct web_req *req, const char *name, const char *fmt, ...)
{
	struct mbuf *mb;
	size_t start, i;
	va_list ap;
	int err;

	if (!req || !name || !fmt)
		return EINVAL;

	if (!req->reply.head)
		req->reply.head = mbuf_alloc(128);
	mb = req->reply.head;
	if (!mb)
		return ENOMEM;

	start = mb->pos;
	err = mbuf_printf(mb, "%s: ", name);
	va_start(ap, fmt);
	err |= mbuf_vprintf(mb, fmt, ap);
	va_end(ap);

	/* what others say never begins a line of its own */
	for (i=start; !err && i<mb->pos; i++) {
		if (mb->buf[i] < ' ' || mb->buf[i] == 0x7f)
			err = EBADMSG;
	}
	if (!err)
		err = mbuf_write_str(mb, "\r\n");

	if (err)
		mb->pos = mb->end = start;

	return err;
}


/**
 * Answer with what goes on
 *
 * @param req    Request
 * @param type   Content-Type, a constant
 * @param openh  Called once it can be written to
 * @param stream What writes; its reference is taken, and given back when the
 *               connection has ended
 */
void web_stream(struct web_req *req, const char *type, web_open_h *openh,
		void *stream)
{
	if (!req || req->reply.status) {
		mem_deref(stream);
		return;
	}

	req->reply.openh  = openh;
	req->reply.stream = stream;
	finish(req, 200, type, NULL);
}


/* What browsers are told in each answer: nothing is kept, run, or framed by
   pages of others */
static int safe_fields(struct mbuf *mb, const struct web_reply *r)
{
	int err;

	err = mbuf_printf(mb, "Cache-Control: %s\r\n"
			     "X-Content-Type-Options: nosniff\r\n"
			     "Referrer-Policy: no-referrer\r\n"
			     "Cross-Origin-Resource-Policy: same-origin\r\n",
			  r->kept ? "no-cache" : "no-store");

	if (!r->csp)
		err |= mbuf_write_str(mb, "Content-Security-Policy:"
				      " default-src 'none';"
				      " frame-ancestors 'none'\r\n");
	else
		err |= mbuf_printf(mb, "Content-Security-Policy: %s\r\n",
				   r->csp);

	return err;
}


/**
 * Write the head of an answer
 *
 * @param mb   Buffer that it is written to
 * @param req  Request that is answered
 * @param keep Another one may follow
 * @param date Value of Date
 *
 * @return 0 if success, otherwise errorcode
 */
int web_reply_head(struct mbuf *mb, const struct web_req *req, bool keep,
		   const char *date)
{
	const struct web_reply *r = &req->reply;
	const uint64_t len = r->fd >= 0 ? r->len : r->body ? r->body->end : 0;
	int err;

	err = mbuf_printf(mb, "HTTP/1.1 %u %s\r\nDate: %s\r\n", r->status,
			  web_reason(r->status), date);
	if (r->type)
		err |= mbuf_printf(mb, "Content-Type: %s\r\n", r->type);

	/* RFC 9110 section 8.6: none with 204; with 304 that of the answer
	   there would be */
	if (!r->openh && r->status != 204 && r->status != 304)
		err |= mbuf_printf(mb, "Content-Length: %llu\r\n", len);

	err |= mbuf_printf(mb, "Connection: %s\r\n",
			   keep ? "keep-alive" : "close");
	err |= safe_fields(mb, r);
	if (r->head)
		err |= mbuf_write_mem(mb, r->head->buf, r->head->end);

	return err | mbuf_write_str(mb, "\r\n");
}
