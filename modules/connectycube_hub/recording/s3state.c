/**
 * @file connectycube_hub/recording/s3state.c
 * What is there already of an upload in parts
 *
 *   ROOT/.upload/UUID.json   {"object":URL, "sha256":HEX, "part":BYTES,
 *                             "upload":ID, "etags":[...]}
 *
 * Whatever fails, this process too, goes on with the part that is missing. It
 * is not on the disk for sure: without it the upload is begun anew.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "../hub.h"
#include "../sink/courier.h"
#include "place.h"
#include "s3.h"


struct s3_state {
	json_t *j;              /**< All of it (owned)                     */
	const char *root;       /**< Folder of recordings (pointer)        */
	char path[PLACE_PATH];  /**< Where it is kept                      */
};


static void destructor(void *data)
{
	struct s3_state *st = data;

	json_decref(st->j);
}


static int set_path(char *path, size_t size, const struct s3_file *f)
{
	return re_snprintf(path, size, "%s/.upload/%s.json", f->s3->cfg->root,
			   f->id) < 0 ? ENAMETOOLONG : 0;
}


static int save(const struct s3_state *st)
{
	char tmp[PLACE_PATH];
	int err;

	if (re_snprintf(tmp, sizeof(tmp), "%s.part", st->path) < 0)
		return ENAMETOOLONG;

	err = place_folders(st->root, ".upload/x");
	if (err)
		return err;

	errno = 0;
	if (json_dump_file(st->j, tmp, JSON_COMPACT) ||
	    rename(tmp, st->path))
		err = errno ? errno : EIO;
	if (err)
		(void)unlink(tmp);

	return err;
}


static bool is_text(const json_t *j, const char *key, const char *text)
{
	const char *str = json_string_value(json_object_get(j, key));

	return str && !strcmp(str, text);
}


static int object_url(char *url, size_t size, const struct s3_file *f)
{
	return re_snprintf(url, size, "%s%s", f->s3->base, f->path) < 0 ?
		ENAMETOOLONG : 0;
}


/* It is of this file, and goes to the same place */
static bool is_of(const json_t *j, const struct s3_file *f, uint64_t part)
{
	const json_t *etags = json_object_get(j, "etags"), *etag;
	char url[sizeof(f->path) + 512];
	size_t i;

	json_array_foreach(etags, i, etag) {
		if (!json_is_string(etag))
			return false;
	}

	return !object_url(url, sizeof(url), f) && is_text(j, "object", url) &&
		is_text(j, "sha256", f->sha256) && json_is_array(etags) &&
		json_array_size(etags) <= (f->bytes + part - 1) / part &&
		json_is_string(json_object_get(j, "upload")) &&
		json_integer_value(json_object_get(j, "part")) ==
		(json_int_t)part;
}


static int state_alloc(struct s3_state **stp, const struct s3_file *f,
		       json_t *j)
{
	struct s3_state *st = mem_zalloc(sizeof(*st), destructor);
	int err;

	if (!st) {
		json_decref(j);
		return ENOMEM;
	}

	st->j    = j;
	st->root = f->s3->cfg->root;
	err = set_path(st->path, sizeof(st->path), f);
	if (err)
		mem_deref(st);
	else
		*stp = st;

	return err;
}


/**
 * Load what there is of an upload
 *
 * @param stp  Pointer to it, freed by mem_deref()
 * @param f    File
 * @param part Size of its parts [bytes]
 *
 * @return 0 if success, ENOENT if there is nothing of use, otherwise errorcode
 */
int s3_state_load(struct s3_state **stp, const struct s3_file *f,
		  uint64_t part)
{
	char path[PLACE_PATH];
	json_t *j;
	int err;

	err = set_path(path, sizeof(path), f);
	if (err)
		return err;

	j = json_load_file(path, 0, NULL);
	if (!is_of(j, f, part)) {
		json_decref(j);
		return ENOENT;
	}

	return state_alloc(stp, f, j);
}


/**
 * An upload is begun
 *
 * @param stp    Pointer to what is kept of it, freed by mem_deref()
 * @param f      File
 * @param part   Size of its parts [bytes]
 * @param upload Its id
 *
 * @return 0 if success, otherwise errorcode; it may be there nevertheless, and
 *         is kept nowhere else
 */
int s3_state_new(struct s3_state **stp, const struct s3_file *f,
		 uint64_t part, const char *upload)
{
	char url[sizeof(f->path) + 512];
	struct s3_state *st;
	json_t *j;
	int err;

	err = object_url(url, sizeof(url), f);
	if (err)
		return err;

	j = json_pack("{s:s,s:s,s:I,s:s,s:[]}", "object", url, "sha256",
		      f->sha256, "part", (json_int_t)part, "upload", upload,
		      "etags");
	if (!j)
		return ENOMEM;

	err = state_alloc(&st, f, j);
	if (err)
		return err;

	*stp = st;

	return save(st);
}


/**
 * A part is there
 *
 * @param st   What is kept
 * @param etag What proves it
 *
 * @return 0 if success, otherwise errorcode
 */
int s3_state_add(struct s3_state *st, const char *etag)
{
	json_t *etags = json_object_get(st->j, "etags");

	return json_array_append_new(etags, json_string(etag)) ? ENOMEM
		: save(st);
}


/**
 * Forget an upload
 *
 * @param f File
 */
void s3_state_drop(const struct s3_file *f)
{
	char path[PLACE_PATH];

	if (!set_path(path, sizeof(path), f))
		(void)unlink(path);
}


/**
 * Count the parts that are there
 *
 * @param st What is kept
 *
 * @return Number
 */
unsigned s3_state_parts(const struct s3_state *st)
{
	return (unsigned)json_array_size(json_object_get(st->j, "etags"));
}


/**
 * Get what proves a part
 *
 * @param st What is kept
 * @param n  Which one, from 0
 *
 * @return Text
 */
const char *s3_state_etag(const struct s3_state *st, unsigned n)
{
	return json_string_value(json_array_get(
		json_object_get(st->j, "etags"), n));
}


/**
 * Get the id of an upload
 *
 * @param st What is kept
 *
 * @return Id
 */
const char *s3_state_upload(const struct s3_state *st)
{
	return json_string_value(json_object_get(st->j, "upload"));
}
