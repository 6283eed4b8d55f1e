/**
 * @file hub.c  The hub is asked, by libcurl
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "base/uuid.h"
#include "cli.h"
#include "hub.h"

#define SOCKET "/run/connectycube-bridge/api.sock"


enum {
	SKEW = 2000,            /**< A clock that is so much wrong is not
				     ours [ms]                             */
};


static void destructor(void *data)
{
	struct cli_hub *hub = data;

	curl_easy_cleanup(hub->curl);
	mem_deref(hub->base);
	mem_deref(hub->socket);
	mem_deref(hub->ca_file);
	mem_deref(hub->body);
	explicit_bzero(hub->token, sizeof(hub->token));
}


static const char *said(const struct cli_args *a, enum cli_opt opt,
			const char *name)
{
	const char *str = a->optv[opt] ? a->optv[opt] : getenv(name);

	return str && str[0] ? str : NULL;
}


/* An address, as libcurl writes it: 127.evil.example is a name */
static bool is_loopback(const char *host)
{
	return !strcmp(host, "localhost") || !strcmp(host, "[::1]") ||
		(!strncmp(host, "127.", 4) &&
		 strspn(host, "0123456789.") == strlen(host));
}


/* What nobody on the way may read goes by https, or stays on this machine */
static bool check_url(struct cli_hub *hub, CURLU *u, char *why, size_t size)
{
	char *scheme = NULL, *host = NULL, *user = NULL;
	bool ok = false;

	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) ||
	    (strcmp(scheme, "http") && strcmp(scheme, "https")))
		re_snprintf(why, size, "%s: is no URL of a hub:"
			    " https://HOST[:PORT]", hub->base);
	else if (!curl_url_get(u, CURLUPART_USER, &user, 0))
		re_snprintf(why, size, "a URL has no password in it:"
			    " --token-file FILE");
	else if (!strcmp(scheme, "http") && !is_loopback(host) &&
		 hub->token[0])
		re_snprintf(why, size, "%s: everybody on the way could read"
			    " the token: https://", hub->base);
	else
		ok = true;

	if (ok && is_loopback(host))
		curl_easy_setopt(hub->curl, CURLOPT_NOPROXY, "*");

	curl_free(scheme);
	curl_free(host);
	curl_free(user);

	return ok;
}


static int set_url(struct cli_hub *hub, const char *url, char *why,
		   size_t size)
{
	CURLU *u = curl_url();
	size_t n = strlen(url);
	struct pl pl;
	bool ok;

	while (n && url[n - 1] == '/')
		--n;

	pl.p = url;
	pl.l = n;
	if (!u || pl_strdup(&hub->base, &pl)) {
		curl_url_cleanup(u);
		re_snprintf(why, size, "out of memory");
		return CLI_SOFTWARE;
	}

	(void)curl_url_set(u, CURLUPART_URL, hub->base, 0);
	ok = check_url(hub, u, why, size);
	curl_url_cleanup(u);

	return ok ? CLI_OK : CLI_USAGE;
}


static int set_socket(struct cli_hub *hub, const char *path)
{
	curl_easy_setopt(hub->curl, CURLOPT_NOPROXY, "*");

	return str_dup(&hub->base, "http://localhost") ||
		str_dup(&hub->socket, path) ? CLI_SOFTWARE : CLI_OK;
}


/**
 * Make ready to ask the hub
 *
 * @param hubp Pointer to it
 * @param a    What is asked for
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return CLI_OK, otherwise an exit status
 */
int cli_hub_alloc(struct cli_hub **hubp, const struct cli_args *a, char *why,
		  size_t size)
{
	const char *url = said(a, CLI_OPT_URL, "CUBE_URL");
	const char *path = said(a, CLI_OPT_SOCKET, "CUBE_SOCKET");
	const char *ca_file = said(a, CLI_OPT_CA_FILE, "CUBE_CA_FILE");
	struct cli_hub *hub;
	int status = CLI_SOFTWARE;

	re_snprintf(why, size, "out of memory");

	hub = mem_zalloc(sizeof(*hub), destructor);
	if (!hub)
		return CLI_SOFTWARE;

	hub->curl = curl_easy_init();
	hub->body = mbuf_alloc(4096);
	if (!hub->curl || !hub->body ||
	    (ca_file && str_dup(&hub->ca_file, ca_file)))
		goto out;

	status = CLI_USAGE;
	if (!cli_arg_u32(a, CLI_OPT_TIMEOUT, &hub->timeout, HUB_TIMEOUT, 1,
			 3600)) {
		why[0] = '\0';
		goto out;
	}

	if (cli_token(hub->token, sizeof(hub->token),
		      a->optv[CLI_OPT_TOKEN_FILE], why, size))
		goto out;

	/* what is said counts more than the environment */
	if (url && (a->optv[CLI_OPT_URL] || !a->optv[CLI_OPT_SOCKET]))
		status = set_url(hub, url, why, size);
	else
		status = set_socket(hub, path ? path : SOCKET);
 out:
	if (status)
		mem_deref(hub);
	else
		*hubp = hub;

	return status;
}


/**
 * Add a line to the head of a request
 *
 * @param headers Lines
 * @param line    Line
 *
 * @return 0 if success, ENOMEM
 */
int hub_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *more = curl_slist_append(*headers, line);

	if (!more)
		return ENOMEM;

	*headers = more;

	return 0;
}


/**
 * Make ready for another request
 *
 * @param hub     Hub
 * @param path    What for
 * @param headers Lines of its head are added here
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_begin(struct cli_hub *hub, const char *path,
	      struct curl_slist **headers)
{
	char url[CLI_PATH + 512], line[CLI_TOKEN + 32];
	CURL *curl = hub->curl;

	mbuf_rewind(hub->body);
	hub->said[0] = '\0';
	hub->sent = false;

	if (re_snprintf(url, sizeof(url), "%s%s", hub->base, path) < 0)
		return EMSGSIZE;

	if (hub->token[0]) {
		int err;

		re_snprintf(line, sizeof(line), "Authorization: Bearer %s",
			    hub->token);
		err = hub_header(headers, line);
		explicit_bzero(line, sizeof(line));
		if (err)
			return err;
	}

	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (hub->socket)
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, hub->socket);
	if (hub->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, hub->ca_file);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, hub->said);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)HUB_CONNECT);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "cube");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *headers);

	return 0;
}


/* Why there is nobody at the socket; libcurl does not say */
static int knock(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, err = 0;

	if (strlen(path) >= sizeof(sun.sun_path))
		return ENAMETOOLONG;

	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno;

	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)))
		err = errno;
	(void)close(fd);

	return err;
}


static void unreachable(struct cli_answer *a, const struct cli_hub *hub,
			CURLcode code)
{
	const char *text = hub->said[0] ? hub->said : curl_easy_strerror(code);
	int err = hub->socket ? knock(hub->socket) : 0;

	a->exit = CLI_NOHUB;
	if (a->steers && hub->sent) {
		re_snprintf(a->why, sizeof(a->why), "%s: there was no answer:"
			    " %s", hub->socket ? hub->socket : hub->base,
			    text);
		a->exit = CLI_UNSURE;
		return;
	}
	if (err) {
		a->exit = cli_unreachable(a->why, sizeof(a->why), hub->socket,
					  err);
		return;
	}

	switch (code) {

	case CURLE_PEER_FAILED_VERIFICATION:
		re_snprintf(a->why, sizeof(a->why), "%s: %s; --ca-file FILE"
			    " names who is to be believed", hub->base, text);
		break;

	case CURLE_SSL_CACERT_BADFILE:
		re_snprintf(a->why, sizeof(a->why), "%s: has no certificate"
			    " in it", hub->ca_file ? hub->ca_file : text);
		a->exit = CLI_USAGE;
		break;

	case CURLE_OPERATION_TIMEDOUT:
		a->exit = CLI_LATER;
		/* fallthrough */

	default:
		re_snprintf(a->why, sizeof(a->why), "%s: %s", hub->socket ?
			    hub->socket : hub->base, text);
		break;
	}
}


static uint64_t clock_of(const struct curl_header *date)
{
	const time_t t = curl_getdate(date->value, NULL);
	const uint64_t now = cli_now(), then = (uint64_t)t * 1000;

	if (t <= 0)
		return 0;

	return then + SKEW < now || then > now + SKEW ? then : now;
}


/**
 * Judge what came of a request
 *
 * @param a    Set to it
 * @param hub  Hub
 * @param code What libcurl says (CURLcode)
 */
void hub_judge(struct cli_answer *a, struct cli_hub *hub, int code)
{
	struct curl_header *date;
	curl_off_t retry = 0;
	long status = 0;

	if (code != CURLE_OK) {
		unreachable(a, hub, (CURLcode)code);
		return;
	}

	(void)curl_easy_getinfo(hub->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(hub->curl, CURLINFO_RETRY_AFTER, &retry);
	if (!curl_easy_header(hub->curl, "Date", 0, CURLH_HEADER, -1, &date))
		a->now = clock_of(date);

	a->status = (unsigned)status;
	a->retry  = retry > 0 && retry < 86400 ? (uint32_t)retry : 0;
	a->j = json_loadb((const char *)hub->body->buf, hub->body->end, 0,
			  NULL);
}


static size_t body_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct cli_hub *hub = arg;

	if (hub->body->end + size * n > HUB_BODY ||
	    mbuf_write_mem(hub->body, (uint8_t *)buf, size * n))
		return 0;

	return size * n;
}


/* Once, whatever becomes of the answer: with a key it may be asked again */
static int post_headers(struct curl_slist **headers)
{
	char line[UUID_SIZE + 32], uuid[UUID_SIZE];

	uuid_make(uuid);
	(void)re_snprintf(line, sizeof(line), "Idempotency-Key: %s", uuid);

	return hub_header(headers, line) ||
		hub_header(headers, "Content-Type: application/json")
		? ENOMEM : 0;
}


/* It has been asked, and the connection broke */
static bool is_lost(CURLcode code)
{
	return code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR ||
		code == CURLE_SEND_ERROR;
}


/* Whether it was connected: what was written then may have been heard */
static CURLcode perform_once(struct cli_hub *hub)
{
	const CURLcode code = curl_easy_perform(hub->curl);
	curl_off_t us = 0;

	(void)curl_easy_getinfo(hub->curl, CURLINFO_PRETRANSFER_TIME_T, &us);
	hub->sent |= us > 0;

	return code;
}


static CURLcode perform(struct cli_hub *hub)
{
	CURLcode code = perform_once(hub);

	if (is_lost(code)) {
		mbuf_rewind(hub->body);
		code = perform_once(hub);
	}

	return code;
}


/**
 * Ask the hub (cli_ask_h)
 *
 * @param a      Set to what came of it
 * @param method GET, POST
 * @param path   What for: path and query
 * @param body   JSON, NULL=none
 * @param arg    Hub
 */
void cli_hub_ask(struct cli_answer *a, const char *method, const char *path,
		 const struct json_t *body, void *arg)
{
	struct curl_slist *headers = NULL;
	struct cli_hub *hub = arg;
	char *text = NULL;
	int err;

	a->exit = CLI_SOFTWARE;
	re_snprintf(a->why, sizeof(a->why), "out of memory");

	curl_easy_reset(hub->curl);
	err = hub_begin(hub, path, &headers);
	if (err)
		goto out;

	if (!strcmp(method, "POST")) {

		text = body ? json_dumps(body, JSON_COMPACT) : strdup("{}");
		if (!text || post_headers(&headers))
			goto out;
		curl_easy_setopt(hub->curl, CURLOPT_POSTFIELDS, text);
		curl_easy_setopt(hub->curl, CURLOPT_HTTPHEADER, headers);
	}

	curl_easy_setopt(hub->curl, CURLOPT_TIMEOUT, (long)hub->timeout);
	curl_easy_setopt(hub->curl, CURLOPT_WRITEFUNCTION, body_handler);
	curl_easy_setopt(hub->curl, CURLOPT_WRITEDATA, hub);
	hub_judge(a, hub, (int)perform(hub));
 out:
	curl_slist_free_all(headers);
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
