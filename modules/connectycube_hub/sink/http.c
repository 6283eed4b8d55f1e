/**
 * @file connectycube_hub/sink/http.c  What is handed on by HTTP, by libcurl
 *
 * On the threads of sinks, which wait for the answer.
 */
#include <errno.h>
#include <string.h>
#include <curl/curl.h>
#include <re.h>
#include "../hub.h"
#include "courier.h"
#include "http.h"
#include "../quit.h"


enum {
	CONNECT_TIME = 5,       /**< Until it is connected [s]             */
};

/* What libcurl says of the last request of this thread */
static _Thread_local char said[CURL_ERROR_SIZE];


static bool is_loopback(const char *host)
{
	struct sa sa;
	struct pl pl;

	pl_set_str(&pl, host);

	/* names below it are this machine, too (RFC 6761), and so libcurl
	   has it */
	if (!str_casecmp(host, "localhost") ||
	    (pl.l > 10 && !str_casecmp(host + pl.l - 10, ".localhost")))
		return true;

	if (pl.l > 2 && pl.p[0] == '[') {
		pl_advance(&pl, 1);
		--pl.l;
	}

	return !sa_set(&sa, &pl, 0) && sa_is_loopback(&sa);
}


/**
 * Check a URL: what goes there is nobody's business on the way
 *
 * @param key   Key that it is the value of
 * @param url   URL
 * @param plain http may be used beyond this machine
 * @param clear What is said if it would be
 * @param why   Set to what is wrong
 * @param size  Room there [bytes]
 *
 * @return 0 if it is right, otherwise errorcode
 */
int hub_http_check(const char *key, const char *url, bool plain,
		   const char *clear, char *why, size_t size)
{
	char *scheme = NULL, *host = NULL;
	CURLU *u = curl_url();
	int err = 0;

	if (!u)
		return ENOMEM;

	if (curl_url_set(u, CURLUPART_URL, url, 0) ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0)) {
		(void)re_snprintf(why, size, "%s: is no URL", key);
		err = EINVAL;
	}
	else if (!strcmp(scheme, "http") && !plain && !is_loopback(host)) {
		(void)re_snprintf(why, size, "%s: http: %s", key, clear);
		err = EPROTO;
	}
	else if (strcmp(scheme, "http") && strcmp(scheme, "https")) {
		(void)re_snprintf(why, size, "%s: is not https", key);
		err = EPROTO;
	}

	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(u);

	return err;
}


/* Nothing but scheme, host and port */
static bool make_bare(CURLU *u)
{
	static const CURLUPart partv[] = {
		CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
		CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_FRAGMENT,
	};
	size_t i;

	for (i=0; i<ARRAY_SIZE(partv); i++) {
		if (curl_url_set(u, partv[i], NULL, 0))
			return false;
	}

	return true;
}


/**
 * Get a URL as it may be shown: scheme, host and port. User and password may be
 * secret, and so may be what is asked for, and the path: web servers give each
 * of their customers one that nobody can guess
 *
 * @param wherep Set to it, freed by mem_deref(); "..." stands for the rest
 * @param url    URL
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_http_where(char **wherep, const char *url)
{
	char *path = NULL, *query = NULL, *text = NULL;
	CURLU *u = curl_url();
	int err = ENOMEM;
	bool more;

	if (!u || curl_url_set(u, CURLUPART_URL, url, 0))
		goto out;

	more = !curl_url_get(u, CURLUPART_QUERY, &query, 0) ||
		(!curl_url_get(u, CURLUPART_PATH, &path, 0) &&
		 strcmp(path, "/"));

	if (make_bare(u) && !curl_url_get(u, CURLUPART_URL, &text, 0))
		err = re_sdprintf(wherep, "%s%s", text, more ? "..." : "");

 out:
	curl_free(path);
	curl_free(query);
	curl_free(text);
	curl_url_cleanup(u);

	return err;
}


/* The answer is what its status says */
static size_t drop(char *buf, size_t size, size_t n, void *arg)
{
	(void)buf;
	(void)arg;

	return size * n;
}


static int progress(void *arg, curl_off_t dltotal, curl_off_t dlnow,
		    curl_off_t ultotal, curl_off_t ulnow)
{
	(void)arg;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;

	return hub_quitting();
}


/* What is in the clear stays here: whatever http_proxy says */
static bool is_here(const char *url)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool here;

	here = u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
		!curl_url_get(u, CURLUPART_HOST, &host, 0) &&
		is_loopback(host);

	curl_free(host);
	curl_url_cleanup(u);

	return here;
}


/**
 * Set what is the same for all
 *
 * @param curl    Handle, which is this thread's alone
 * @param url     URL
 * @param ca_file Who is believed about certificates, NULL=the system's
 */
void hub_http_options(void *curl, const char *url, const char *ca_file)
{
	said[0] = '\0';
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (is_here(url))
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIME);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "connectycube-bridge");
	if (ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
}


/**
 * Add a header
 *
 * @param list Headers; NULL=none yet
 * @param line Header
 *
 * @return True if there was memory for it
 */
bool hub_http_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *more = curl_slist_append(*list, line);

	if (more)
		*list = more;

	return more != NULL;
}


/* How long it took is another time each time, and this is said once */
static void drop_times(char *why)
{
	char *begin = strstr(why, " after "), *end;
	size_t digits;

	if (!begin)
		return;

	end = begin + strlen(" after ");
	digits = strspn(end, "0123456789");
	end += digits;

	if (digits && !strncmp(end, " milliseconds", 13))
		end += 13;
	else if (digits && !strncmp(end, " ms", 3))
		end += 3;
	else
		return;

	memmove(begin, end, strlen(end) + 1);
}


static void say_curl(int code, char *why, size_t size)
{
	(void)re_snprintf(why, size, "%s", said[0] ? said :
			  curl_easy_strerror((CURLcode)code));
	drop_times(why);
}


/* Who answers so would answer any other record so, too */
static bool is_of_all(long status)
{
	switch (status) {

	case 401: case 403: case 404: case 405: case 407: case 410: case 421:
	case 429:
		return true;

	default:
		return status < 400 || status >= 500;
	}
}


/**
 * Judge an answer: 413, 422 and such are of what it was told; of whom we are,
 * where we go and how it fares (401, 404, 3xx, 429, 5xx) are of all
 *
 * @param curl Handle
 * @param code What libcurl says (CURLcode)
 * @param why  Set to why they do not have it
 * @param size Room there [bytes]
 *
 * @return What came of it
 */
enum hub_given hub_http_judge(void *curl, int code, char *why, size_t size)
{
	long status = 0;

	if (code != CURLE_OK) {
		say_curl(code, why, size);
		return HUB_GIVEN_DOWN;
	}

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return HUB_GIVEN;

	(void)re_snprintf(why, size, "it answers %d", (int)status);

	return is_of_all(status) ? HUB_GIVEN_DOWN : HUB_GIVEN_REFUSED;
}


/**
 * Tell whether a server can be connected to, by TLS if it is to be: nothing is
 * asked of it
 *
 * @param url     URL
 * @param ca_file Who is believed about certificates, NULL=the system's
 * @param why     Set to why not
 * @param size    Room there [bytes]
 *
 * @return True if it can
 */
bool hub_http_reach(const char *url, const char *ca_file, char *why,
		    size_t size)
{
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;

	if (curl) {
		hub_http_options(curl, url, ca_file);
		curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
		code = curl_easy_perform(curl);
	}

	if (code != CURLE_OK)
		say_curl((int)code, why, size);

	/* what is said next is of another one */
	said[0] = '\0';
	curl_easy_cleanup(curl);

	return code == CURLE_OK;
}
