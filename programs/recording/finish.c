/**
 * @file finish.c  From what is in a raw file to a file that plays
 */
#include <string.h>
#include <re.h>
#include "recording.h"
#include "output.h"


/**
 * Choose a format of files
 *
 * @param rec  What is in the raw file
 * @param args What is asked for
 *
 * @return Format
 */
const struct rec_container *rec_container_for(const struct rec *rec,
					      const struct rec_args *args)
{
	if (args->format)
		return rec_container_find(args->format);

	(void)rec;

	return rec_container_find("ogg");
}


static int write_all(struct rec_result *res, const struct rec *rec,
		     const struct rec_container *c, const char *path,
		     char *why, size_t size)
{
	struct rec_audioout *a = NULL;
	struct rec_mux *mux = NULL;
	int err;

	err = rec_mux_alloc(&mux, c, path, why, size);
	if (!err)
		err = rec_audioout_alloc(&a, rec, mux, c, why, size);
	if (!err)
		err = rec_mux_begin(mux, c, why, size);

	while (!err && rec_audioout_time(a) >= 0)
		err = rec_audioout_step(a, why, size);

	if (!err)
		err = rec_mux_end(mux, why, size);
	if (!err)
		rec_audioout_loss(a, &res->loss);

	mem_deref(a);
	mem_deref(mux);

	return err;
}


/**
 * Make the file
 *
 * @param res  Set to what has become of it
 * @param rec  What is in the raw file
 * @param args What is asked for, out too
 * @param c    Its format
 * @param why  Set to what is wrong
 * @param size Size of that
 *
 * @return 0 if success, otherwise errorcode
 */
int rec_finish(struct rec_result *res, const struct rec *rec,
	       const struct rec_args *args, const struct rec_container *c,
	       char *why, size_t size)
{
	struct rec_place *place = NULL;
	int err;

	if (!res || !rec || !args || !args->out || !c)
		return EINVAL;

	memset(res, 0, sizeof(*res));
	res->file   = args->out;
	res->format = c->name;

	err = rec_place_alloc(&place, args->out, why, size);
	if (!err)
		err = write_all(res, rec, c, rec_place_tmp(place), why, size);
	if (!err)
		err = rec_place_done(place, &res->bytes, res->sha256, why,
				     size);
	mem_deref(place);

	return err;
}
