/**
 * @file download.c  A file of the hub is fetched, by libcurl
 *
 * Once: whoever asks sees how far it came, and may ask for the rest
 * (RFC 9110 section 14).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include "cli.h"
#include "hub.h"


enum {
	PROBLEM = 4096,         /**< Longest refusal [bytes]               */
};

/** What is going on */
struct download {
	struct cli_hub *hub;
	struct cli_part *part;
	bool begun;             /**< The first bytes have come             */
	int err;                /**< Why it ends                           */
};


/* "bytes 100-199/200": where it begins */
static bool goes_on(CURL *curl, uint64_t have)
{
	struct curl_header *range;
	char *end;

	if (curl_easy_header(curl, "Content-Range", 0, CURLH_HEADER, -1,
			     &range) || strncmp(range->value, "bytes ", 6))
		return false;

	return strtoull(range->value + 6, &end, 10) == have && *end == '-';
}


/* What there was is of another file, or the whole of it comes anyway */
static int begin(struct download *d, long status)
{
	struct cli_part *part = d->part;

	d->begun = true;
	if (status == 206)
		return goes_on(d->hub->curl, part->have) ? 0 : EPROTO;

	part->have = 0;

	return ftruncate(part->fd, 0) ? errno : 0;
}


static int put(struct cli_part *part, const char *p, size_t len)
{
	while (len) {

		const ssize_t n = pwrite(part->fd, p, len, (off_t)part->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? errno : ENOSPC;

		part->have += (uint64_t)n;
		p   += n;
		len -= (size_t)n;
	}

	return 0;
}


static size_t data_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct download *d = arg;
	struct mbuf *mb = d->hub->body;
	long status = 0;

	(void)curl_easy_getinfo(d->hub->curl, CURLINFO_RESPONSE_CODE, &status);

	if (status != 200 && status != 206)
		d->err = mb->end + size * n > PROBLEM ? EMSGSIZE
			: mbuf_write_mem(mb, (uint8_t *)buf, size * n);
	else if (!d->begun)
		d->err = begin(d, status);

	if (!d->err && d->begun)
		d->err = put(d->part, buf, size * n);

	return d->err ? 0 : size * n;
}


/**
 * Fetch a file, or the rest of it (cli_fetch_h)
 *
 * @param a    Set to what came of it
 * @param path What for
 * @param part What there is already; more is added
 * @param arg  Hub
 *
 * @return 0 if success, otherwise what is wrong with the file
 */
int cli_hub_fetch(struct cli_answer *a, const char *path,
		  struct cli_part *part, void *arg)
{
	struct download d = {.hub = arg, .part = part};
	struct curl_slist *headers = NULL;
	CURL *curl = d.hub->curl;
	char line[128];
	int err = 0;

	a->exit = CLI_SOFTWARE;
	re_snprintf(a->why, sizeof(a->why), "out of memory");
	curl_easy_reset(curl);

	if (part->have) {
		re_snprintf(line, sizeof(line), "Range: bytes=%llu-",
			    part->have);
		err = hub_header(&headers, line);
	}
	if (!err && part->have && part->etag[0]) {
		re_snprintf(line, sizeof(line), "If-Range: \"%s\"",
			    part->etag);
		err = hub_header(&headers, line);
	}
	if (err || hub_begin(d.hub, path, &headers))
		goto out;

	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, data_handler);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &d);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)d.hub->timeout);
	hub_judge(a, d.hub, (int)curl_easy_perform(curl));
 out:
	curl_slist_free_all(headers);

	return d.err;
}
