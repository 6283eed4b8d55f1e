/**
 * @file follow.c  The hub's events are followed, by libcurl
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "cli.h"
#include "hub.h"


enum {
	SILENT = 45000,         /**< The hub says something each 15 s: it is
				     gone then [ms]                        */
	PROBLEM = 4096,         /**< Longest refusal [bytes]               */
};

/** What is going on */
struct follow {
	struct cli_hub *hub;
	struct cli_sse *sse;    /**< Reads the events                      */
	uint64_t last;          /**< When something came last [ms]         */
	int err;                /**< Why it ends                           */
};


static uint64_t mono(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}


static size_t data_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct follow *f = arg;
	struct mbuf *mb = f->hub->body;
	long status = 0;

	f->last = mono();
	(void)curl_easy_getinfo(f->hub->curl, CURLINFO_RESPONSE_CODE,
				&status);

	if (status == 200)
		f->err = cli_sse_feed(f->sse, buf, size * n);
	else if (mb->end + size * n > PROBLEM)
		f->err = EMSGSIZE;
	else
		f->err = mbuf_write_mem(mb, (uint8_t *)buf, size * n);

	return f->err ? 0 : size * n;
}


static int progress_handler(void *arg, curl_off_t dltotal, curl_off_t dlnow,
			    curl_off_t ultotal, curl_off_t ulnow)
{
	const struct follow *f = arg;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;

	return mono() > f->last + SILENT;
}


static void wait_for(uint32_t ms)
{
	struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};

	while (nanosleep(&ts, &ts) && errno == EINTR)
		;
}


/**
 * Follow events until the connection ends (cli_follow_h)
 *
 * @param a    Set to what came of it; status 200: there were events
 * @param path What for: path and query
 * @param sse  Reads them; goes on behind the last one it knows
 * @param ms   Wait so long before [ms]
 * @param arg  Hub
 *
 * @return 0, or what the reader's handler returned
 */
int cli_hub_follow(struct cli_answer *a, const char *path,
		   struct cli_sse *sse, uint32_t ms, void *arg)
{
	struct follow f = {.hub = arg, .sse = sse};
	struct curl_slist *headers = NULL;
	char line[CLI_SSE_ID + 32];
	CURL *curl = f.hub->curl;
	CURLcode code;

	wait_for(ms);
	f.last = mono();
	cli_sse_reset(sse);
	curl_easy_reset(curl);

	re_snprintf(line, sizeof(line), "Last-Event-ID: %s", cli_sse_id(sse));
	if ((cli_sse_id(sse)[0] && hub_header(&headers, line)) ||
	    hub_begin(f.hub, path, &headers)) {
		a->exit = CLI_SOFTWARE;
		re_snprintf(a->why, sizeof(a->why), "out of memory");
		goto out;
	}

	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, data_handler);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &f);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress_handler);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &f);

	code = curl_easy_perform(curl);
	hub_judge(a, f.hub, (int)code);
	if (code == CURLE_ABORTED_BY_CALLBACK)
		re_snprintf(a->why, sizeof(a->why), "the hub says nothing any"
			    " more");
 out:
	curl_slist_free_all(headers);

	return f.err;
}
