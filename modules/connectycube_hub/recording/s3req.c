/**
 * @file connectycube_hub/recording/s3req.c
 * A request to S3: signed, sent, its answer judged
 *
 * On the thread of its sink. What is sent is signed with its hash: the server
 * refuses anything else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <curl/curl.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../sink/courier.h"
#include "../sink/http.h"
#include "sigv4.h"
#include "s3.h"


enum {
	STALL_TIME = 60,        /**< Nothing is taken for so long [s]      */
	ASK_FIRST = 1 << 20,    /**< More is sent only if they want it     */
};


static size_t read_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct s3_req *rq = arg;
	const uint64_t left = rq->bytes - rq->sent;
	const size_t most = (size_t)min((uint64_t)(size * n), left);
	ssize_t len = (ssize_t)most;

	if (rq->fd < 0)
		memcpy(buf, rq->text + rq->sent, most);
	else
		len = pread(rq->fd, buf, most, (off_t)(rq->from + rq->sent));

	if (len < 0)
		return CURL_READFUNC_ABORT;

	rq->sent += (uint64_t)len;

	return (size_t)len;
}


static int seek_handler(void *arg, curl_off_t offset, int origin)
{
	struct s3_req *rq = arg;

	if (origin != SEEK_SET || offset < 0 ||
	    (uint64_t)offset > rq->bytes)
		return CURL_SEEKFUNC_FAIL;

	rq->sent = (uint64_t)offset;

	return CURL_SEEKFUNC_OK;
}


/* Blanks come while it is at work, so that nobody gives up */
static size_t answer_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct s3_req *rq = arg;
	size_t len = size * n;

	while (!rq->answern && len && strchr(" \t\r\n", *buf)) {
		++buf;
		--len;
	}

	len = min(len, sizeof(rq->answer) - 1 - rq->answern);
	memcpy(rq->answer + rq->answern, buf, len);
	rq->answern += len;
	rq->answer[rq->answern] = '\0';

	return size * n;
}


static size_t header_handler(char *buf, size_t size, size_t n, void *arg)
{
	static const char name[] = "etag:";
	const size_t len = size * n, skip = sizeof(name) - 1;
	struct s3_req *rq = arg;
	struct pl pl = {buf, len};

	if (len <= skip || strncasecmp(buf, name, skip))
		return len;

	pl_advance(&pl, (ssize_t)skip);
	while (pl.l && strchr(" \t", pl.p[0]))
		pl_advance(&pl, 1);
	while (pl.l && strchr(" \t\r\n", pl.p[pl.l - 1]))
		--pl.l;

	if (pl.l < sizeof(rq->etag))
		(void)pl_strcpy(&pl, rq->etag, sizeof(rq->etag));

	return len;
}


static bool add(struct curl_slist **list, const char *name, const char *value)
{
	char line[SIGV4_AUTH + 64];

	return re_snprintf(line, sizeof(line), "%s: %s", name, value) > 0 &&
		hub_http_add(list, line);
}


static bool add_headers(struct curl_slist **list, const struct hub_s3 *s3,
			const struct s3_req *rq)
{
	const struct hrec_config *cfg = s3->cfg;
	char auth[SIGV4_AUTH], date[SIGV4_DATE];
	const struct sigv4_header headerv[] = {
		{"host", s3->host},
		{"x-amz-content-sha256", rq->hash},
		{"x-amz-date", date},
	};
	const struct sigv4 sv = {.method = rq->method, .path = rq->path,
		.query = rq->query, .headerv = headerv,
		.headerc = ARRAY_SIZE(headerv), .hash = rq->hash,
		.date = date, .region = cfg->s3_region, .service = "s3",
		.key = cfg->s3_key, .secret = cfg->s3_secret};

	return !sigv4_date(date, (uint64_t)time(NULL)) &&
		!sigv4_sign(auth, sizeof(auth), &sv) &&
		(rq->bytes > ASK_FIRST || hub_http_add(list, "Expect:")) &&
		add(list, "Authorization", auth) &&
		add(list, "x-amz-content-sha256", rq->hash) &&
		add(list, "x-amz-date", date) &&
		(!rq->type || add(list, "Content-Type", rq->type));
}


static bool set_options(struct hub_s3 *s3, struct s3_req *rq,
			struct curl_slist *list)
{
	char *url = NULL;
	CURL *c;

	if (!s3->curl)
		s3->curl = curl_easy_init();
	if (!s3->curl || re_sdprintf(&url, "%s%s%s%s", s3->base, rq->path,
				     rq->query[0] ? "?" : "", rq->query))
		return false;

	c = s3->curl;
	curl_easy_reset(c);
	hub_http_options(c, url, s3->cfg->s3_ca);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, rq->method);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)rq->bytes);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_handler);
	curl_easy_setopt(c, CURLOPT_READDATA, rq);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, seek_handler);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, rq);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, answer_handler);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, rq);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, header_handler);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, rq);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_TIME);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
	mem_deref(url);

	return true;
}


/**
 * Get a value out of an answer: what is between <NAME> and the next tag
 *
 * @param dst  Set to it, ""=there is none
 * @param size Room there [bytes]
 * @param rq   Request
 * @param name Name
 *
 * @return True if it is there, and fits
 */
bool s3_answer(char *dst, size_t size, const struct s3_req *rq,
	       const char *name)
{
	char tag[64];
	const char *begin;
	size_t n;

	dst[0] = '\0';
	(void)re_snprintf(tag, sizeof(tag), "<%s>", name);

	begin = strstr(rq->answer, tag);
	if (!begin)
		return false;

	begin += strlen(tag);
	n = strcspn(begin, "<");
	if (!n || n >= size || begin[n] != '<')
		return false;

	memcpy(dst, begin, n);
	dst[n] = '\0';

	return true;
}


/* Of all that S3 may say, this is of one file; that the bucket is not there,
   nothing is allowed or the region is another one is of all */
static bool is_of_file(long status, const char *code)
{
	static const char *const codev[] = {
		"EntityTooLarge", "EntityTooSmall", "KeyTooLongError",
		"BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch",
		"InvalidPart", "InvalidPartOrder",
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(codev); i++) {
		if (!strcmp(codev[i], code))
			return true;
	}

	return status == 413;
}


/* What is wrong is in <Code>, and there may be one in an answer of 200, which
   had begun before it was known */
static enum hub_given judge(struct hub_s3 *s3, struct s3_req *rq,
			    CURLcode curlcode, char *why, size_t size)
{
	enum hub_given given = hub_http_judge(s3->curl, (int)curlcode, why,
					      size);
	char code[64] = "";
	size_t n;

	if (curlcode != CURLE_OK)
		return given;

	(void)curl_easy_getinfo(s3->curl, CURLINFO_RESPONSE_CODE,
				&rq->status);

	if (given == HUB_GIVEN && !strstr(rq->answer, "<Error>"))
		return HUB_GIVEN;

	if (given == HUB_GIVEN)
		(void)re_snprintf(why, size, "it answers %d",
				  (int)rq->status);

	(void)s3_answer(code, sizeof(code), rq, "Code");
	code[strspn(code, "abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] = '\0';
	n = strlen(why);
	if (code[0])
		(void)re_snprintf(why + n, size - n, " %s", code);

	return is_of_file(rq->status, code) ? HUB_GIVEN_REFUSED
		: HUB_GIVEN_DOWN;
}


/**
 * Send a request, and wait for the answer
 *
 * @param s3   S3
 * @param rq   Request; its answer
 * @param why  Set to why it is refused
 * @param size Room there [bytes]
 *
 * @return What came of it
 */
enum hub_given s3_request(struct hub_s3 *s3, struct s3_req *rq, char *why,
			  size_t size)
{
	enum hub_given given = HUB_GIVEN_DOWN;
	struct curl_slist *list = NULL;

	rq->sent    = 0;
	rq->status  = 0;
	rq->answern = 0;
	rq->answer[0] = rq->etag[0] = '\0';

	if (add_headers(&list, s3, rq) && set_options(s3, rq, list))
		given = judge(s3, rq, curl_easy_perform(s3->curl), why, size);
	else
		str_ncpy(why, "no memory, or a name is too long", size);

	curl_slist_free_all(list);

	return given;
}
