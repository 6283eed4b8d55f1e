/**
 * @file connectycube_hub/sink/webhook.c
 * POST by libcurl, on the thread of its sink
 */
#include <errno.h>
#include <string.h>
#include <curl/curl.h>
#include <re.h>
#include "base/mono.h"
#include "../hub.h"
#include "courier.h"
#include "http.h"
#include "../quit.h"


enum {
	ANSWER_TIME = 15,       /**< Until it has answered [s]             */
	BODY_TIME = 3000,       /**< ... what nobody reads goes on [ms]    */
	BODY_MOST = 65536,      /**< The same [bytes]                      */
	AFTER_MOST = 3600,      /**< Longest wait that it can ask for [s]  */
};

/** What it says */
struct answer {
	uint64_t since;         /**< Its head is there since [ms], 0=no    */
	size_t bytes;           /**< What came behind that                 */
};

struct hub_webhook {
	CURL *curl;             /**< Its connection is used again (owned)  */
	char *url;              /**< (owned)                               */
	char *secret;           /**< (owned)                               */
	char *ca_file;          /**< (owned)                               */
	const char *type;       /**< What it is told of                    */
	struct answer answer;   /**< The last one                          */
};


static void destructor(void *data)
{
	struct hub_webhook *p = data;

	if (p->curl)
		curl_easy_cleanup(p->curl);
	mem_deref(p->url);
	mem_deref(p->secret);
	mem_deref(p->ca_file);
}


/**
 * Make what tells records
 *
 * @param pp      Pointer to it, freed by mem_deref()
 * @param url     Where to
 * @param type    What it is told of: record, recording; lives as long
 * @param secret  Signs them, NULL=not signed
 * @param ca_file Who is believed about certificates, NULL=the system's
 * @param plain   http may be used beyond this machine
 * @param why     Set to what is wrong
 * @param size    Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_webhook_alloc(struct hub_webhook **pp, const char *url,
		   const char *type, const char *secret, const char *ca_file,
		   bool plain, char *why, size_t size)
{
	struct hub_webhook *p;
	int err;

	if (!pp || !url || !why || !size)
		return EINVAL;

	err = hub_http_check("connectycube_hub_webhook", url, plain,
			     "records would go in the clear: https, or"
			     " connectycube_hub_webhook_plain yes", why,
			     size);
	if (err)
		return err;

	p = mem_zalloc(sizeof(*p), destructor);
	if (!p)
		return ENOMEM;

	p->type = type;
	err = str_dup(&p->url, url);
	if (!err && secret)
		err = str_dup(&p->secret, secret);
	if (!err && ca_file)
		err = str_dup(&p->ca_file, ca_file);

	if (err)
		mem_deref(p);
	else
		*pp = p;

	return err;
}


static struct curl_slist *headers(const struct hub_webhook *p, const char *id,
				  const char *json, bool *okp)
{
	char sig[HUB_SIGNATURE], line[256];
	struct curl_slist *list = NULL;

	*okp = hub_http_add(&list, "Content-Type: application/json") &&
		hub_http_add(&list, "Expect:");

	(void)re_snprintf(line, sizeof(line), "X-Event-Id: %s", id);
	*okp = *okp && hub_http_add(&list, line);

	(void)re_snprintf(line, sizeof(line), "X-Event-Type: %s", p->type);
	*okp = *okp && hub_http_add(&list, line);

	if (p->secret) {
		*okp = *okp && !hub_sign(sig, p->secret, json, strlen(json));
		(void)re_snprintf(line, sizeof(line),
				  "X-ConnectyCube-Signature: %s", sig);
		*okp = *okp && hub_http_add(&list, line);
	}

	return list;
}


/* The line that ends a head; of 1xx another one follows */
static size_t header_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct hub_webhook *p = arg;
	const size_t len = size * n;
	long status = 0;

	if (len && len <= 2 && buf[len - 1] == '\n') {
		(void)curl_easy_getinfo(p->curl, CURLINFO_RESPONSE_CODE,
					&status);
		if (status >= 200)
			p->answer.since = mono_ms();
	}

	return len;
}


/* It is read only so that the connection can be used again */
static size_t body_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct hub_webhook *p = arg;
	(void)buf;

	p->answer.bytes += size * n;

	return p->answer.bytes > BODY_MOST ? 0 : size * n;
}


static int progress_handler(void *arg, curl_off_t dltotal, curl_off_t dlnow,
			    curl_off_t ultotal, curl_off_t ulnow)
{
	const struct hub_webhook *p = arg;
	(void)dltotal;
	(void)dlnow;
	(void)ultotal;
	(void)ulnow;

	return hub_quitting() || (p->answer.since &&
				  mono_ms() > p->answer.since + BODY_TIME);
}


static void set_options(struct hub_webhook *p)
{
	hub_http_options(p->curl, p->url, p->ca_file);
	curl_easy_setopt(p->curl, CURLOPT_TIMEOUT, (long)ANSWER_TIME);
	curl_easy_setopt(p->curl, CURLOPT_HEADERFUNCTION, header_handler);
	curl_easy_setopt(p->curl, CURLOPT_HEADERDATA, p);
	curl_easy_setopt(p->curl, CURLOPT_WRITEFUNCTION, body_handler);
	curl_easy_setopt(p->curl, CURLOPT_WRITEDATA, p);
	curl_easy_setopt(p->curl, CURLOPT_XFERINFOFUNCTION, progress_handler);
	curl_easy_setopt(p->curl, CURLOPT_XFERINFODATA, p);
}


/* What to look at, for who has just set it up */
static void add_hint(const CURL *curl, char *why, size_t size)
{
	const size_t n = strlen(why);
	const char *hint = "";
	long status = 0;

	(void)curl_easy_getinfo((CURL *)curl, CURLINFO_RESPONSE_CODE, &status);

	if (status == 401 || status == 403)
		hint = ": it does not let us in; name and password go into"
			" connectycube_hub_webhook: https://NAME:PASSWORD@...";
	else if (status == 404 || status == 405 || status == 410)
		hint = ": nothing there takes records; is the path of"
			" connectycube_hub_webhook right?";
	else if (status >= 300 && status < 400)
		hint = ": it leads elsewhere, which is not followed; name in"
			" connectycube_hub_webhook where it leads to";

	(void)re_snprintf(why + n, size - n, "%s", hint);
}


/* The status is the answer: what becomes of the rest makes it no other one, or
   a record that it has would be told again and again */
static enum hub_given post(struct hub_webhook *p, const char *json,
			   struct hub_fault *fault)
{
	curl_off_t after = 0;
	enum hub_given given;
	CURLcode code;

	memset(&p->answer, 0, sizeof(p->answer));
	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDS, json);
	curl_easy_setopt(p->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(json));

	code  = curl_easy_perform(p->curl);
	given = hub_http_judge(p->curl, p->answer.since ? CURLE_OK : code,
			       fault->why, sizeof(fault->why));

	if (p->answer.since && given != HUB_GIVEN)
		add_hint(p->curl, fault->why, sizeof(fault->why));
	if (p->answer.since && given == HUB_GIVEN_DOWN &&
	    !curl_easy_getinfo(p->curl, CURLINFO_RETRY_AFTER, &after) &&
	    after > 0)
		fault->after_ms = (uint32_t)min(after, AFTER_MOST) * 1000;

	return given;
}


/**
 * Tell whether the web server is there; see hub_reach_h
 *
 * @param why  Set to why not
 * @param size Room there [bytes]
 * @param arg  What tells (struct hub_webhook)
 *
 * @return True if it can be connected to
 */
bool hub_webhook_reach(char *why, size_t size, void *arg)
{
	const struct hub_webhook *p = arg;

	return hub_http_reach(p->url, p->ca_file, why, size);
}


/**
 * Tell a record, and wait for the answer; see hub_give_h
 *
 * @param id    Its id
 * @param json  All of it
 * @param fault Set to why it does not have it
 * @param arg   What tells (struct hub_webhook)
 *
 * @return What came of it
 */
enum hub_given hub_webhook_give(const char *id, const char *json,
				struct hub_fault *fault, void *arg)
{
	struct hub_webhook *p = arg;
	enum hub_given given = HUB_GIVEN_DOWN;
	struct curl_slist *list;
	bool ok;

	if (!p->curl) {
		p->curl = curl_easy_init();
		if (!p->curl) {
			str_ncpy(fault->why, "no memory", sizeof(fault->why));
			return HUB_GIVEN_DOWN;
		}
		set_options(p);
	}

	list = headers(p, id, json, &ok);
	if (ok) {
		curl_easy_setopt(p->curl, CURLOPT_HTTPHEADER, list);
		given = post(p, json, fault);
	}
	else {
		str_ncpy(fault->why, "no memory", sizeof(fault->why));
	}

	curl_slist_free_all(list);

	return given;
}
