/**
 * @file connectycube_hub/webhook.c  POST by libcurl, on the thread of its sink
 */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <curl/curl.h>
#include <re.h>
#include "hub.h"
#include "courier.h"


enum {
	CONNECT_TIME = 5,       /**< Until it is connected [s]             */
	ANSWER_TIME = 15,       /**< Until it has answered [s]             */
};

struct hub_webhook {
	CURL *curl;             /**< Its connection is used again (owned)  */
	char *url;              /**< (owned)                               */
	char *secret;           /**< (owned)                               */
	char *ca_file;          /**< (owned)                               */
};

/* The process ends: nobody is waited for */
static atomic_bool quit;


static void destructor(void *data)
{
	struct hub_webhook *p = data;

	if (p->curl)
		curl_easy_cleanup(p->curl);
	mem_deref(p->url);
	mem_deref(p->secret);
	mem_deref(p->ca_file);
}


static bool is_loopback(const char *host)
{
	struct sa sa;
	struct pl pl;

	if (!str_casecmp(host, "localhost"))
		return true;

	pl_set_str(&pl, host);
	if (pl.l > 2 && pl.p[0] == '[') {
		pl_advance(&pl, 1);
		--pl.l;
	}

	return !sa_set(&sa, &pl, 0) && sa_is_loopback(&sa);
}


/* What is in a record is nobody's business on the way */
static int check_url(const char *url, bool plain, char *why, size_t size)
{
	char *scheme = NULL, *host = NULL;
	CURLU *u = curl_url();
	int err = 0;

	if (!u)
		return ENOMEM;

	if (curl_url_set(u, CURLUPART_URL, url, 0) ||
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0)) {
		(void)re_snprintf(why, size, "connectycube_hub_webhook: is no"
				  " URL");
		err = EINVAL;
	}
	else if (!strcmp(scheme, "http") && !plain && !is_loopback(host)) {
		(void)re_snprintf(why, size, "connectycube_hub_webhook: http:"
				  " records would go in the clear: https, or"
				  " connectycube_hub_webhook_plain yes");
		err = EPROTO;
	}
	else if (strcmp(scheme, "http") && strcmp(scheme, "https")) {
		(void)re_snprintf(why, size, "connectycube_hub_webhook: is not"
				  " https");
		err = EPROTO;
	}

	curl_free(host);
	curl_free(scheme);
	curl_url_cleanup(u);

	return err;
}


/**
 * Make what tells records
 *
 * @param pp      Pointer to it, freed by mem_deref()
 * @param url     Where to
 * @param secret  Signs them, NULL=not signed
 * @param ca_file Who is believed about certificates, NULL=the system's
 * @param plain   http may be used beyond this machine
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_webhook_alloc(struct hub_webhook **pp, const char *url,
		   const char *secret, const char *ca_file, bool plain,
		   char *why, size_t size)
{
	struct hub_webhook *p;
	int err;

	if (!pp || !url || !why || !size)
		return EINVAL;

	err = check_url(url, plain, why, size);
	if (err)
		return err;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	err = str_dup(&p->url, url);
	if (!err && secret)
		err = str_dup(&p->secret, secret);
	if (!err && ca_file)
		err = str_dup(&p->ca_file, ca_file);

	atomic_store(&quit, false);

	if (err)
		mem_deref(p);
	else
		*pp = p;

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

	return atomic_load(&quit);
}


static struct curl_slist *add(struct curl_slist *list, bool *okp,
			      const char *line)
{
	struct curl_slist *more = curl_slist_append(list, line);

	*okp = *okp && more;

	return more ? more : list;
}


static struct curl_slist *headers(const struct hub_webhook *p, const char *id,
				  const char *json, bool *okp)
{
	char sig[HUB_SIGNATURE], line[256];
	struct curl_slist *list = NULL;

	*okp = true;
	list = add(list, okp, "Content-Type: application/json");
	list = add(list, okp, "Expect:");

	(void)re_snprintf(line, sizeof(line), "X-Event-Id: %s", id);
	list = add(list, okp, line);

	if (p->secret) {
		*okp = *okp && !hub_sign(sig, p->secret, json, strlen(json));
		(void)re_snprintf(line, sizeof(line),
				  "X-ConnectyCube-Signature: %s", sig);
		list = add(list, okp, line);
	}

	return list;
}


static void set_options(const struct hub_webhook *p)
{
	CURL *c = p->curl;

	curl_easy_setopt(c, CURLOPT_URL, p->url);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIME);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)ANSWER_TIME);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "connectycube-bridge");
	if (p->ca_file)
		curl_easy_setopt(c, CURLOPT_CAINFO, p->ca_file);
}


/* 429 and 5xx are of the server, other answers of what it was told */
static enum hub_given judge(CURL *curl, CURLcode code, char *why,
			     size_t size)
{
	long status = 0;

	if (code != CURLE_OK) {
		(void)re_snprintf(why, size, "%s", curl_easy_strerror(code));
		return HUB_GIVEN_DOWN;
	}

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status >= 200 && status < 300)
		return HUB_GIVEN;

	(void)re_snprintf(why, size, "it answers %d", (int)status);

	return status == 429 || status >= 500 ? HUB_GIVEN_DOWN
		: HUB_GIVEN_REFUSED;
}


/**
 * Tell a record, and wait for the answer; see hub_give_h
 *
 * @param id   Its id
 * @param json All of it
 * @param why  Set to why it does not have it
 * @param size Room there [bytes]
 * @param arg  What tells (struct hub_webhook)
 *
 * @return What came of it
 */
enum hub_given hub_webhook_give(const char *id, const char *json, char *why,
			 size_t size, void *arg)
{
	struct hub_webhook *p = arg;
	enum hub_given given = HUB_GIVEN_DOWN;
	struct curl_slist *list;
	bool ok;

	if (!p->curl) {
		p->curl = curl_easy_init();
		if (!p->curl) {
			str_ncpy(why, "no memory", size);
			return HUB_GIVEN_DOWN;
		}
		set_options(p);
	}

	list = headers(p, id, json, &ok);
	if (ok) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, list);
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, json);
		curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE,
				 (long)strlen(json));
		given = judge(p->curl, curl_easy_perform(p->curl), why,
			       size);
	}
	else {
		str_ncpy(why, "no memory", size);
	}

	curl_slist_free_all(list);

	return given;
}


/**
 * The process ends: whoever is being told is not waited for
 */
void hub_webhook_quit(void)
{
	atomic_store(&quit, true);
}
