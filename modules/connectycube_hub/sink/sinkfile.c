/**
 * @file connectycube_hub/sink/sinkfile.c  Files, appended to, a line a record
 *
 *   lines, fsync --> file         what is beyond the offset that the database
 *   position     --> database     knows was written just before a crash
 *
 * So is each record in the file once, and whole. Whoever moves the file away
 * has a new one begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sqlite3.h>
#include <re.h>
#include "base/fdwrite.h"
#include "../hub.h"
#include "sink.h"
#include "sinkfile.h"


enum {
	AT_ONCE = 256,          /**< Records of a run                      */
};

/** What a run has read */
struct lines {
	const struct hub_form *form;
	struct mbuf *mb;        /**< Lines (owned)                         */
	int64_t seq;            /**< Number of the last record             */
	uint32_t n;             /**< Records                               */
};


static void destructor(void *data)
{
	struct hub_file *f = data;

	file_close(f);
	mem_deref(f->name);
	mem_deref(f->path);
}


/**
 * Make a file of records. It is opened when there is something to write
 *
 * @param fp   Pointer to it, freed by mem_deref()
 * @param name Name of the sink
 * @param path Path
 * @param form What a line is
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_file_alloc(struct hub_file **fp, const char *name, const char *path,
		   const struct hub_form *form)
{
	struct hub_file *f;
	int err;

	if (!fp || !name || !path || !form)
		return EINVAL;

	f = mem_zalloc(sizeof(*f), destructor);
	if (!f)
		return ENOMEM;

	f->fd   = -1;
	f->form = *form;
	err  = str_dup(&f->name, name);
	err |= str_dup(&f->path, path);

	if (err)
		mem_deref(f);
	else
		*fp = f;

	return err;
}


static int row_handler(int64_t seq, struct sqlite3_stmt *row, void *arg)
{
	struct lines *l = arg;
	int err;

	err = l->form->print(l->mb, row, l->form);
	if (err)
		return err;

	l->seq = seq;
	++l->n;

	return 0;
}


/* Half a line is taken back at once if that can be, or by the next opening */
static int append(struct hub_file *f, const struct mbuf *mb, char *why,
		  size_t size)
{
	int err;

	err = fdwrite(f->fd, mb->buf, mb->end, NULL);
	if (!err && fsync(f->fd))
		err = errno;
	if (!err) {
		f->pos.offset += (int64_t)mb->end;
		return 0;
	}

	(void)re_snprintf(why, size, "%s: %m", f->path, err);
	(void)!ftruncate(f->fd, f->pos.offset);

	return err;
}


static int write_head(const struct hub_file *f, struct mbuf *mb)
{
	return f->form.head && !f->pos.offset ?
		mbuf_write_str(mb, f->form.head) : 0;
}


static int transfer(struct hub_file *f, struct hub_run *run)
{
	struct lines l = {.form = &f->form, .mb = mbuf_alloc(8192)};
	int err;

	if (!l.mb)
		return ENOMEM;

	err = write_head(f, l.mb);
	if (!err)
		err = hub_store_each(run->store, f->pos.seq, AT_ONCE,
				     f->form.columns, row_handler, &l,
				     run->why, sizeof(run->why));
	if (err || !l.n)
		goto out;

	err = append(f, l.mb, run->why, sizeof(run->why));
	if (err)
		goto out;

	f->pos.seq = l.seq;
	run->done += l.n;
	run->more  = l.n == AT_ONCE;

	err = hub_store_set_pos(run->store, f->name, &f->pos, run->why,
				sizeof(run->why));

 out:
	mem_deref(l.mb);

	return err;
}


/* Moved away, or cut by whoever has copied it */
static bool is_another(const struct hub_file *f)
{
	struct stat st;

	return stat(f->path, &st) || st.st_dev != f->pos.dev ||
		st.st_ino != f->pos.ino || st.st_size != f->pos.offset;
}


/**
 * Write what there is, some of it at a time
 *
 * @param state File
 * @param run   Run
 *
 * @return 0 if success, otherwise errorcode
 */
int hub_file_run(void *state, struct hub_run *run)
{
	struct hub_file *f = state;
	int err = 0;

	if (!f || !run)
		return EINVAL;

	if (f->fd >= 0 && is_another(f))
		file_close(f);

	if (f->fd < 0)
		err = file_open(f, run->store, run->why, sizeof(run->why));
	if (!err)
		err = transfer(f, run);

	/* what there is now is found out when it is opened */
	if (err) {
		if (!run->why[0])
			(void)re_snprintf(run->why, sizeof(run->why),
					  "%s: %m", f->path, err);
		file_close(f);
	}

	return err;
}
