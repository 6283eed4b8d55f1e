/**
 * @file recording/s3.c  Files of recordings, uploaded to S3
 *
 * On the thread of its sink. A file goes as it is read, signed with the hash
 * that the database has of it: the server refuses another one. What comes
 * twice, since we have died meanwhile, is the same under the same name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../courier.h"
#include "../http.h"
#include "recfacts.h"
#include "recstore.h"
#include "place.h"
#include "sigv4.h"
#include "s3.h"


enum {
	STALL_TIME = 60,        /**< Nothing is taken for so long [s]      */
	ANSWER = 512,           /**< What is kept of an answer [bytes]     */
};

struct hub_s3 {
	const struct hrec_config *cfg; /**< Configuration (pointer)        */
	CURL *curl;             /**< Its connection is used again (owned)  */
	char *base;             /**< Scheme and host of the URL (owned)    */
	char *host;             /**< As in the header Host (owned)         */
	char *root;             /**< Path of the bucket (owned)            */
	char object[SIGV4_PATH]; /**< The last that got there              */
};

/** A file that is uploaded */
struct upload {
	struct hub_s3 *s3;
	json_t *j;              /**< What is told of it (owned)            */
	int fd;                 /**< Owned, -1=none                        */
	curl_off_t bytes;       /**< Its size                              */
	char key[1200];         /**< Its name in the bucket                */
	char path[SIGV4_PATH];  /**< ... as it is sent                     */
	char answer[ANSWER];    /**< What is said of it                    */
	size_t answern;
};


static void destructor(void *data)
{
	struct hub_s3 *s3 = data;

	if (s3->curl)
		curl_easy_cleanup(s3->curl);
	mem_deref(s3->base);
	mem_deref(s3->host);
	mem_deref(s3->root);
}


static int set_names(struct hub_s3 *s3, const char *scheme, const char *host,
		     const char *port)
{
	const struct hrec_config *cfg = s3->cfg;
	const bool path = cfg->s3_style == REC_S3_PATH;
	int err;

	err = re_sdprintf(&s3->host, "%s%s%s%s%s", path ? "" : cfg->s3_bucket,
			  path ? "" : ".", host, port ? ":" : "",
			  port ? port : "");
	if (!err)
		err = re_sdprintf(&s3->base, "%s://%s", scheme, s3->host);
	if (!err)
		err = re_sdprintf(&s3->root, "/%s%s", path ? cfg->s3_bucket
				  : "", path ? "/" : "");

	return err;
}


/* A path there may be none: it would be between host and bucket */
static int read_url(struct hub_s3 *s3, char *why, size_t size)
{
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
	CURLU *u = curl_url();
	int err = EINVAL;

	if (u && !curl_url_set(u, CURLUPART_URL, s3->cfg->s3_url, 0) &&
	    !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
	    !curl_url_get(u, CURLUPART_HOST, &host, 0) &&
	    !curl_url_get(u, CURLUPART_PATH, &path, 0) &&
	    !strcmp(path, "/")) {
		(void)curl_url_get(u, CURLUPART_PORT, &port,
				   CURLU_NO_DEFAULT_PORT);
		err = set_names(s3, scheme, host, port);
	}
	else {
		(void)re_snprintf(why, size, "connectycube_hub_s3_url: is not"
				  " of the form https://HOST");
	}

	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_url_cleanup(u);

	return err;
}


/**
 * Make what uploads
 *
 * @param sp   Pointer to it, freed by mem_deref()
 * @param cfg  Configuration, which lives as long
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_s3_alloc(struct hub_s3 **sp, const struct hrec_config *cfg, char *why,
		 size_t size)
{
	struct hub_s3 *s3;
	int err;

	if (!sp || !cfg || !cfg->s3_url || !why || !size)
		return EINVAL;

	err = hub_http_check("connectycube_hub_s3_url", cfg->s3_url, false,
			     "recordings would go in the clear: https", why,
			     size);
	if (err)
		return err;

	s3 = mem_zalloc(sizeof(*s3), destructor);
	if (!s3)
		return ENOMEM;

	s3->cfg = cfg;
	err = read_url(s3, why, size);

	if (err)
		mem_deref(s3);
	else
		*sp = s3;

	return err;
}


static size_t read_handler(char *buf, size_t size, size_t n, void *arg)
{
	const struct upload *up = arg;
	const ssize_t len = read(up->fd, buf, size * n);

	return len < 0 ? CURL_READFUNC_ABORT : (size_t)len;
}


static int seek_handler(void *arg, curl_off_t offset, int origin)
{
	const struct upload *up = arg;

	return lseek(up->fd, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL
		: CURL_SEEKFUNC_OK;
}


static size_t answer_handler(char *buf, size_t size, size_t n, void *arg)
{
	struct upload *up = arg;
	const size_t room = sizeof(up->answer) - 1 - up->answern;
	const size_t len = min(size * n, room);

	memcpy(up->answer + up->answern, buf, len);
	up->answern += len;
	up->answer[up->answern] = '\0';

	return size * n;
}


static const char *text_of(const struct upload *up, const char *key)
{
	const char *str = json_string_value(json_object_get(up->j, key));

	return str ? str : "";
}


static const char *content_type(const struct upload *up)
{
	static const char *const typev[][2] = {
		{"ogg", "audio/ogg"}, {"wav", "audio/wav"},
		{"m4a", "audio/mp4"}, {"mp4", "video/mp4"},
		{"webm", "video/webm"},
	};
	size_t i;

	if (json_is_true(json_object_get(up->j, "encrypted")))
		return "application/pkcs7-mime";

	for (i=0; i<ARRAY_SIZE(typev); i++) {
		if (!strcmp(typev[i][0], text_of(up, "format")))
			return typev[i][1];
	}

	return "application/octet-stream";
}


static int sign(struct upload *up, char *auth, char date[SIGV4_DATE])
{
	const struct hrec_config *cfg = up->s3->cfg;
	const struct sigv4_header headerv[] = {
		{"host", up->s3->host},
		{"x-amz-content-sha256", text_of(up, "sha256")},
		{"x-amz-date", date},
	};
	const struct sigv4 sv = {.method = "PUT", .path = up->path,
		.query = "", .headerv = headerv,
		.headerc = ARRAY_SIZE(headerv),
		.hash = text_of(up, "sha256"), .date = date,
		.region = cfg->s3_region, .service = "s3",
		.key = cfg->s3_key, .secret = cfg->s3_secret};

	return sigv4_sign(auth, SIGV4_AUTH, &sv);
}


static struct curl_slist *headers(struct upload *up, bool *okp)
{
	char auth[SIGV4_AUTH] = "", date[SIGV4_DATE] = "";
	char line[SIGV4_AUTH + 32];
	struct curl_slist *list = NULL;

	*okp = !sigv4_date(date, (uint64_t)time(NULL)) &&
		!sign(up, auth, date) && hub_http_add(&list, "Expect:");

	(void)re_snprintf(line, sizeof(line), "Authorization: %s", auth);
	*okp = *okp && hub_http_add(&list, line);

	(void)re_snprintf(line, sizeof(line), "x-amz-content-sha256: %s",
			  text_of(up, "sha256"));
	*okp = *okp && hub_http_add(&list, line);

	(void)re_snprintf(line, sizeof(line), "x-amz-date: %s", date);
	*okp = *okp && hub_http_add(&list, line);

	(void)re_snprintf(line, sizeof(line), "Content-Type: %s",
			  content_type(up));
	*okp = *okp && hub_http_add(&list, line);

	return list;
}


static bool set_options(struct upload *up, struct curl_slist *list)
{
	struct hub_s3 *s3 = up->s3;
	char *url = NULL;
	CURL *c;

	if (!s3->curl)
		s3->curl = curl_easy_init();
	if (!s3->curl ||
	    re_sdprintf(&url, "%s%s", s3->base, up->path))
		return false;

	c = s3->curl;
	curl_easy_reset(c);
	hub_http_options(c, s3->cfg->s3_ca);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, up->bytes);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_handler);
	curl_easy_setopt(c, CURLOPT_READDATA, up);
	curl_easy_setopt(c, CURLOPT_SEEKFUNCTION, seek_handler);
	curl_easy_setopt(c, CURLOPT_SEEKDATA, up);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, answer_handler);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, up);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_TIME);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, list);
	mem_deref(url);

	return true;
}


/* S3 says what is wrong in <Code>. That nothing is allowed, or the bucket is
   not there, is of no file; one that is too large, or is not what its hash
   says, is refused alone */
static enum hub_given judge(struct upload *up, CURLcode code, char *why,
			    size_t size)
{
	const enum hub_given given = hub_http_judge(up->s3->curl, (int)code,
						    why, size);
	const char *begin = strstr(up->answer, "<Code>");
	long status = 0;
	size_t n;

	if (given == HUB_GIVEN || code != CURLE_OK)
		return given;

	if (begin) {
		begin += strlen("<Code>");
		n = strspn(begin, "abcdefghijklmnopqrstuvwxyz"
			   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
		(void)re_snprintf(why + strlen(why), size - strlen(why),
				  " %b", begin, n);
	}

	(void)curl_easy_getinfo(up->s3->curl, CURLINFO_RESPONSE_CODE,
				&status);

	return status == 400 || status == 413 ? given : HUB_GIVEN_DOWN;
}


static enum hub_given send_file(struct upload *up, char *why, size_t size)
{
	enum hub_given given = HUB_GIVEN_DOWN;
	struct curl_slist *list;
	bool ok;

	list = headers(up, &ok);
	if (ok && set_options(up, list))
		given = judge(up, curl_easy_perform(up->s3->curl), why, size);
	else
		str_ncpy(why, "no memory, or a name is too long", size);

	curl_slist_free_all(list);

	if (given == HUB_GIVEN)
		(void)re_snprintf(up->s3->object, sizeof(up->s3->object),
				  "s3://%s/%s", up->s3->cfg->s3_bucket,
				  up->key);

	return given;
}


static int open_file(struct upload *up, const char *name)
{
	const struct hrec_config *cfg = up->s3->cfg;
	char path[PLACE_PATH], full[SIGV4_PATH / 3];
	struct stat st;
	int err;

	if (re_snprintf(up->key, sizeof(up->key), "%s%s", cfg->s3_prefix ?
			cfg->s3_prefix : "", name) < 0 ||
	    re_snprintf(full, sizeof(full), "%s%s", up->s3->root,
			up->key) < 0)
		return ENAMETOOLONG;

	err = sigv4_encode(up->path, sizeof(up->path), full);
	if (!err)
		err = place_path(path, sizeof(path), cfg->root, name);
	if (err)
		return err;

	up->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (up->fd < 0 || fstat(up->fd, &st))
		return errno;

	up->bytes = st.st_size;

	return 0;
}


/**
 * Upload the file of a recording; see hub_give_h
 *
 * @param id   Its id
 * @param json What is told of it
 * @param why  Set to why it is not there
 * @param size Room there [bytes]
 * @param arg  What uploads (struct hub_s3)
 *
 * @return What came of it
 */
enum hub_given hub_s3_give(const char *id, const char *json, char *why,
			   size_t size, void *arg)
{
	struct upload up = {.s3 = arg, .fd = -1};
	enum hub_given given = HUB_GIVEN;
	const char *name;
	int err;
	(void)id;

	up.s3->object[0] = '\0';
	up.j = json_loads(json, 0, NULL);
	name = text_of(&up, "file");

	/* nothing could be made of it */
	if (!name[0])
		goto out;

	err = open_file(&up, name);
	if (err) {
		(void)re_snprintf(why, size, "%s/%s: %m", up.s3->cfg->root,
				  name, err);
		given = HUB_GIVEN_REFUSED;
		goto out;
	}

	given = send_file(&up, why, size);

 out:
	if (up.fd >= 0)
		(void)close(up.fd);
	json_decref(up.j);

	return given;
}


/**
 * It is there; see hub_given_h
 *
 * @param s    Store
 * @param id   Its id
 * @param why  Set to what is wrong
 * @param size Room there [bytes]
 * @param arg  What uploads (struct hub_s3)
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_s3_given(struct hub_store *s, const char *id, char *why, size_t size,
		 void *arg)
{
	const struct hub_s3 *s3 = arg;

	return s3->object[0] ? hrec_store_uploaded(s, id, s3->object, why,
						   size) : 0;
}
