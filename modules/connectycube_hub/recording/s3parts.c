/**
 * @file connectycube_hub/recording/s3parts.c
 * A large file, uploaded to S3 in parts
 *
 *   POST ?uploads            an upload is begun, and has an id
 *   PUT  ?partNumber=N       each part; those that are there are kept
 *   POST ?uploadId=ID        it becomes an object: all of it, or nothing
 *
 * A line that breaks costs a part, not the file. What can never be is ended
 * (s3ends.c).
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <openssl/evp.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../sink/courier.h"
#include "../sink/http.h"
#include "../quit.h"
#include "sigv4.h"
#include "s3.h"


enum {
	PARTS_MAX = 10000,      /**< Of an object                          */
	MB = 1 << 20,
	GONE = 404,             /**< Status: there is no such upload       */
	QUERY = 3 * S3_UPLOAD + 64, /**< Size of a query [bytes]           */
};


static int hex_of(char *hex, EVP_MD_CTX *ctx)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	return EVP_DigestFinal_ex(ctx, md, &n) &&
		re_snprintf(hex, S3_HEX, "%w", md, (size_t)n) > 0 ? 0
		: EPROTO;
}


/* ECANCELED: the process ends, and a large file takes a while */
static int hash_range(char *hex, int fd, uint64_t from, uint64_t bytes)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *buf = mem_alloc(MB, NULL);
	int err = ctx && buf && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) ?
		0 : ENOMEM;

	while (bytes && !err) {

		const ssize_t n = pread(fd, buf, (size_t)min(bytes,
				       (uint64_t)MB), (off_t)from);

		if (hub_quitting())
			err = ECANCELED;
		else if (n <= 0)
			err = n ? errno : ENODATA;
		else if (!EVP_DigestUpdate(ctx, buf, (size_t)n))
			err = EPROTO;
		else {
			from  += (uint64_t)n;
			bytes -= (uint64_t)n;
		}
	}

	if (!err)
		err = hex_of(hex, ctx);

	EVP_MD_CTX_free(ctx);
	mem_deref(buf);

	return err;
}


static int hash_text(char *hex, const char *text, size_t len)
{
	uint8_t md[32];

	return EVP_Digest(text, len, md, NULL, EVP_sha256(), NULL) &&
		re_snprintf(hex, S3_HEX, "%w", md, sizeof(md)) > 0 ? 0
		: EPROTO;
}


static enum hub_given not_now(char *why, size_t size, const char *what,
			      int err)
{
	(void)re_snprintf(why, size, "%s: %m", what, err);

	return HUB_GIVEN_DOWN;
}


/* So many that there are not too many of them */
static uint64_t part_size(const struct s3_file *f)
{
	const uint64_t least = (uint64_t)f->s3->cfg->s3_part * MB;
	const uint64_t fit = (f->bytes / PARTS_MAX / MB + 1) * MB;

	return max(least, fit);
}


/* The server is told hashes of parts alone: that all of it is what the
   database has is seen here */
static enum hub_given check_hash(const struct s3_file *f, char *why,
				 size_t size)
{
	char hex[S3_HEX];
	int err;

	err = hash_range(hex, f->fd, 0, f->bytes);
	if (err)
		return not_now(why, size, f->key, err);

	if (strcmp(hex, f->sha256)) {
		(void)re_snprintf(why, size, "%s: is not what its hash says",
				  f->key);
		return HUB_GIVEN_REFUSED;
	}

	return HUB_GIVEN;
}


static int query_of(char *query, const struct s3_state *st, unsigned part)
{
	char id[3 * S3_UPLOAD];
	int err;

	err = sigv4_encode_value(id, sizeof(id), s3_state_upload(st));
	if (err)
		return err;

	if (part)
		(void)re_snprintf(query, QUERY, "partNumber=%u&uploadId=%s",
				  part, id);
	else
		(void)re_snprintf(query, QUERY, "uploadId=%s", id);

	return 0;
}


/* What cannot be noted here. If this fails, too, the bucket's own rules end it */
static void end(struct s3_file *f, const struct s3_state *st)
{
	char query[QUERY], why[HUB_WHY];
	struct s3_req rq = {.method = "DELETE", .path = f->path,
		.query = query, .hash = S3_HASH_NONE, .fd = -1};

	if (!query_of(query, st, 0))
		(void)s3_request(f->s3, &rq, why, sizeof(why));
}


static enum hub_given begin(struct s3_state **stp, struct s3_file *f,
			    uint64_t part, char *why, size_t size)
{
	struct s3_req rq = {.method = "POST", .path = f->path,
		.query = "uploads=", .hash = S3_HASH_NONE, .type = f->type,
		.fd = -1};
	char upload[S3_UPLOAD];
	enum hub_given given;
	int err;

	given = check_hash(f, why, size);
	if (given == HUB_GIVEN)
		given = s3_request(f->s3, &rq, why, size);
	if (given != HUB_GIVEN)
		return given;

	if (!s3_answer(upload, sizeof(upload), &rq, "UploadId") ||
	    strchr(upload, '&')) {
		str_ncpy(why, "it begins no upload in parts", size);
		return HUB_GIVEN_DOWN;
	}

	err = s3_state_new(stp, f, part, upload);
	if (!err)
		return HUB_GIVEN;

	if (*stp)
		end(f, *stp);
	*stp = mem_deref(*stp);

	return not_now(why, size, f->key, err);
}


static bool is_etag(const char *etag)
{
	return etag[0] && !etag[strspn(etag, "\"-+/=_."
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")];
}


static enum hub_given send_part(struct s3_file *f, struct s3_state *st,
				uint64_t part, long *statusp, char *why,
				size_t size)
{
	const unsigned n = s3_state_parts(st);
	const uint64_t from = n * part;
	char query[QUERY], hex[S3_HEX];
	struct s3_req rq = {.method = "PUT", .path = f->path, .query = query,
		.hash = hex, .fd = f->fd, .from = from,
		.bytes = min(part, f->bytes - from)};
	enum hub_given given;
	int err;

	err = query_of(query, st, n + 1);
	if (!err)
		err = hash_range(hex, f->fd, from, rq.bytes);
	if (err)
		return not_now(why, size, f->key, err);

	given = s3_request(f->s3, &rq, why, size);
	*statusp = rq.status;
	if (given != HUB_GIVEN)
		return given;

	if (!is_etag(rq.etag)) {
		str_ncpy(why, "it has taken a part without an ETag", size);
		return HUB_GIVEN_DOWN;
	}

	err = s3_state_add(st, rq.etag);

	return err ? not_now(why, size, f->key, err) : HUB_GIVEN;
}


static int list_parts(struct mbuf *mb, const struct s3_state *st)
{
	unsigned i;
	int err;

	err = mbuf_write_str(mb, "<CompleteMultipartUpload>");
	for (i=0; i<s3_state_parts(st) && !err; i++)
		err = mbuf_printf(mb, "<Part><PartNumber>%u</PartNumber>"
				  "<ETag>%s</ETag></Part>", i + 1,
				  s3_state_etag(st, i));

	return err ? err : mbuf_write_str(mb, "</CompleteMultipartUpload>");
}


static enum hub_given complete(struct s3_file *f, const struct s3_state *st,
			       long *statusp, char *why, size_t size)
{
	char query[QUERY], hex[S3_HEX];
	struct s3_req rq = {.method = "POST", .path = f->path, .query = query,
		.hash = hex, .type = "application/xml", .fd = -1};
	struct mbuf *mb = mbuf_alloc(4096);
	enum hub_given given;
	int err = mb ? 0 : ENOMEM;

	if (!err)
		err = list_parts(mb, st);
	if (!err)
		err = query_of(query, st, 0);
	if (!err)
		err = hash_text(hex, (char *)mb->buf, mb->end);
	if (err) {
		mem_deref(mb);
		return not_now(why, size, f->key, err);
	}

	rq.text  = (char *)mb->buf;
	rq.bytes = mb->end;
	given = s3_request(f->s3, &rq, why, size);
	*statusp = rq.status;
	mem_deref(mb);

	/* that it is one is said at the end, by nothing else */
	if (given == HUB_GIVEN &&
	    !strstr(rq.answer, "CompleteMultipartUploadResult")) {
		str_ncpy(why, "it does not say that it has all of it", size);
		return HUB_GIVEN_DOWN;
	}

	return given;
}


/**
 * Upload a file in parts. What has failed goes on next time
 *
 * @param f    File
 * @param why  Set to why it is not there
 * @param size Room there [bytes]
 *
 * @return What came of it
 */
enum hub_given s3_parts(struct s3_file *f, char *why, size_t size)
{
	const uint64_t part = part_size(f);
	enum hub_given given = HUB_GIVEN;
	struct s3_state *st = NULL;
	long status = 0;

	/* what there is of another file, or of another size, is of no use */
	if (s3_state_load(&st, f, part)) {
		s3_ends_add(f->s3, f->id);
		given = begin(&st, f, part, why, size);
	}

	while (given == HUB_GIVEN && s3_state_parts(st) * part < f->bytes)
		given = send_part(f, st, part, &status, why, size);

	if (given == HUB_GIVEN)
		given = complete(f, st, &status, why, size);

	if (given == HUB_GIVEN_REFUSED)
		s3_ends_add(f->s3, f->id);
	else if (given == HUB_GIVEN || status == GONE)
		s3_state_drop(f);

	mem_deref(st);

	return given;
}
