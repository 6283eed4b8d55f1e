/**
 * @file connectycube_hub/recording/s3.c  Files of recordings, uploaded to S3
 *
 * On the thread of its sink. A file goes as it is read, signed with the hash
 * that the database has of it: the server refuses another one. What comes
 * twice, since we have died meanwhile, is the same under the same name.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <curl/curl.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_sa.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../sink/courier.h"
#include "../sink/http.h"
#include "recfacts.h"
#include "recstore.h"
#include "place.h"
#include "sigv4.h"
#include "s3.h"


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


static bool is_address(const char *host)
{
	struct sa sa;

	return host[0] == '[' || !sa_set_str(&sa, host, 0);
}


/* There may be no path: it would be between host and bucket. *portp is NULL
   if it says none */
static int split_url(char **schemep, char **hostp, char **portp,
		     const char *url)
{
	char *path = NULL, *more = NULL;
	CURLU *u = curl_url();
	bool ok;

	ok = u && !curl_url_set(u, CURLUPART_URL, url, 0) &&
		!curl_url_get(u, CURLUPART_SCHEME, schemep, 0) &&
		!curl_url_get(u, CURLUPART_HOST, hostp, 0) &&
		!curl_url_get(u, CURLUPART_PATH, &path, 0) &&
		!strcmp(path, "/") &&
		curl_url_get(u, CURLUPART_USER, &more, 0) &&
		curl_url_get(u, CURLUPART_QUERY, &more, 0);
	if (ok)
		(void)curl_url_get(u, CURLUPART_PORT, portp,
				   CURLU_NO_DEFAULT_PORT);

	curl_free(path);
	curl_free(more);
	curl_url_cleanup(u);

	return ok ? 0 : EINVAL;
}


static int read_url(struct hub_s3 *s3, char *why, size_t size)
{
	char *scheme = NULL, *host = NULL, *port = NULL;
	int err;

	err = split_url(&scheme, &host, &port, s3->cfg->s3_url);
	if (err) {
		(void)re_snprintf(why, size, "connectycube_hub_s3_url: is not"
				  " of the form https://HOST");
	}
	else if (s3->cfg->s3_style == REC_S3_HOST && is_address(host)) {
		(void)re_snprintf(why, size, "connectycube_hub_s3_style:"
				  " host: the host of s3_url is an address,"
				  " which no bucket can stand before");
		err = EINVAL;
	}
	else {
		err = set_names(s3, scheme, host, port);
	}

	curl_free(scheme);
	curl_free(host);
	curl_free(port);

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


static const char *text_of(const json_t *j, const char *key)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str ? str : "";
}


static const char *content_type(const json_t *j)
{
	static const char *const typev[][2] = {
		{"ogg", "audio/ogg"}, {"wav", "audio/wav"},
		{"m4a", "audio/mp4"}, {"mp4", "video/mp4"},
		{"webm", "video/webm"},
	};
	size_t i;

	if (json_is_true(json_object_get(j, "encrypted")))
		return "application/pkcs7-mime";

	for (i=0; i<ARRAY_SIZE(typev); i++) {
		if (!strcmp(typev[i][0], text_of(j, "format")))
			return typev[i][1];
	}

	return "application/octet-stream";
}


static enum hub_given in_one(struct s3_file *f, char *why, size_t size)
{
	struct s3_req rq = {.method = "PUT", .path = f->path, .query = "",
		.hash = f->sha256, .type = f->type, .fd = f->fd,
		.bytes = f->bytes};

	return s3_request(f->s3, &rq, why, size);
}


static int set_path(struct s3_file *f, const char *name)
{
	const struct hrec_config *cfg = f->s3->cfg;
	char full[sizeof(f->path) / 2];

	if (re_snprintf(f->key, sizeof(f->key), "%s%s", cfg->s3_prefix ?
			cfg->s3_prefix : "", name) < 0 ||
	    re_snprintf(full, sizeof(full), "%s%s", f->s3->root, f->key) < 0)
		return ENAMETOOLONG;

	return sigv4_encode(f->path, sizeof(f->path), full);
}


static int open_file(struct s3_file *f, const char *name)
{
	char path[PLACE_PATH];
	struct stat st;
	int err;

	err = set_path(f, name);
	if (!err)
		err = place_path(path, sizeof(path), f->s3->cfg->root, name);
	if (err)
		return err;

	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st))
		return errno;

	f->bytes = (uint64_t)st.st_size;

	return 0;
}


static enum hub_given upload(struct s3_file *f, char *why, size_t size)
{
	struct hub_s3 *s3 = f->s3;
	enum hub_given given;

	given = f->bytes > (uint64_t)s3->cfg->s3_part << 20 ?
		s3_parts(f, why, size) : in_one(f, why, size);

	if (given == HUB_GIVEN)
		(void)re_snprintf(s3->object, sizeof(s3->object),
				  "s3://%s/%s", s3->cfg->s3_bucket, f->key);

	return given;
}


/**
 * Tell whether the server is there; see hub_reach_h. What it allows is known
 * once something is uploaded: the key may be for nothing else
 *
 * @param why  Set to why not
 * @param size Room there [bytes]
 * @param arg  What uploads (struct hub_s3)
 *
 * @return True if it can be connected to
 */
bool hub_s3_reach(char *why, size_t size, void *arg)
{
	const struct hub_s3 *s3 = arg;

	return hub_http_reach(s3->base, s3->cfg->s3_ca, why, size);
}


/**
 * Upload the file of a recording; see hub_give_h
 *
 * @param id    Its id
 * @param json  What is told of it
 * @param fault Set to why it is not there
 * @param arg   What uploads (struct hub_s3)
 *
 * @return What came of it
 */
enum hub_given hub_s3_give(const char *id, const char *json,
			   struct hub_fault *fault, void *arg)
{
	const size_t size = sizeof(fault->why);
	struct hub_s3 *s3 = arg;
	json_t *j = json_loads(json, 0, NULL);
	struct s3_file f = {.s3 = s3, .id = id, .fd = -1,
		.sha256 = text_of(j, "sha256"), .type = content_type(j)};
	const char *name = text_of(j, "file");
	enum hub_given given = HUB_GIVEN;
	int err;

	s3->object[0] = '\0';

	if (!j) {
		str_ncpy(fault->why, "what is known of it cannot be read",
			 size);
		return HUB_GIVEN_REFUSED;
	}

	/* nothing could be made of it */
	if (!name[0])
		goto out;

	err = open_file(&f, name);
	if (err) {
		if (err == ENOENT)
			s3_ends_add(s3, id);
		(void)re_snprintf(fault->why, size, "%s/%s: %m",
				  s3->cfg->root, name, err);
		given = HUB_GIVEN_REFUSED;
		goto out;
	}

	given = upload(&f, fault->why, size);

 out:
	if (f.fd >= 0)
		(void)close(f.fd);
	json_decref(j);

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
