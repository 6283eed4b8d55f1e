/**
 * @file log/logout.c  The log as one stream: stdout, or a file
 *
 * Lines for stdout are there when this returns, as long as that costs no time:
 * what a process says last may be why it ends.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "base/fdwrite.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/text.h"
#include "log/logfile.h"
#include "log/logwriter.h"
#include "log/logout.h"


enum {
	SLOW = 100,             /**< A disk that takes so long hangs [ms]  */
};

struct logout {
	struct logwriter *w;    /**< Its thread (owner)                    */
	char *file;             /**< Path (owner), NULL=stdout             */
	bool disk;              /**< stdout is a file                      */
	bool slow;              /**< All goes by the thread                */
};


static void destructor(void *data)
{
	struct logout *o = data;

	logwriter_close(o->w);
	mem_deref(o->file);
}


/* Where somebody may see it */
static void tell(const struct logout *o, int err)
{
	char msg[768];

	if (!o->file || logfile_room(STDOUT_FILENO, 0))
		return;

	if (re_snprintf(msg, sizeof(msg), "connectycube: cannot write %s:"
			" %m\n", o->file, err) > 0)
		(void)fdwrite(STDOUT_FILENO, msg, strlen(msg), NULL);
}


static void lost_handler(enum clog_area area, int err, uint64_t lost,
			 void *arg)
{
	const struct logout *o = arg;
	(void)area;

	/* opening it anew has failed, and the old one goes on */
	if (err && !lost)
		clog_warning("cannot write %s: %m\n", o->file, err);
	else if (err)
		tell(o, err);
	else
		clog_warning("%llu %s lost here: could not be written, or too"
			     " many at once\n", lost,
			     text_plural(lost, "line was", "lines were"));
}


/**
 * Open the log
 *
 * @param op   Pointer to allocated log
 * @param file Path, NULL=stdout
 *
 * @return 0 if success, otherwise why it cannot be written
 */
int logout_alloc(struct logout **op, const char *file)
{
	const struct logwriter_prm prm = {.file = file, .fd = STDOUT_FILENO};
	struct logout *o;
	struct stat st;
	int err;

	if (!op)
		return EINVAL;

	o = mem_zalloc(sizeof(*o), destructor);
	if (!o)
		return ENOMEM;

	err = file ? str_dup(&o->file, file) : 0;
	if (!err)
		err = logwriter_alloc(&o->w, &prm, lost_handler, o);

	o->slow = file != NULL;
	o->disk = !fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode);

	if (err)
		mem_deref(o);
	else
		*op = o;

	return err;
}


static bool has_room(const struct logout *o, size_t len)
{
	if (o->slow || logwriter_waits(o->w))
		return false;

	return o->disk || (len <= PIPE_BUF &&
			   !logfile_room(STDOUT_FILENO, 0));
}


/**
 * Write lines
 *
 * @param o  Log
 * @param mb Lines, all of it
 */
void logout_put(struct logout *o, const struct mbuf *mb)
{
	uint64_t begin;

	if (!o || !mb)
		return;

	if (!has_room(o, mb->end)) {
		(void)logwriter_put(o->w, CLOG_BRIDGE, mb);
		return;
	}

	begin = mono_ms();
	(void)fdwrite(STDOUT_FILENO, mb->buf, mb->end, NULL);
	o->slow = mono_ms() - begin > SLOW;
}


/**
 * Open the file anew, after it has been moved away. If it cannot be, that is
 * said where it is seen, and the old one stays open
 *
 * @param o Log
 *
 * @return 0 if success, otherwise errorcode
 */
int logout_reopen(struct logout *o)
{
	return o && o->file ? logwriter_reopen(o->w) : 0;
}


/**
 * Get the descriptor of stdout, if that is where the log goes
 *
 * @param o Log
 *
 * @return Descriptor, -1 if it goes to a file
 */
int logout_fd(const struct logout *o)
{
	return o && o->file ? -1 : STDOUT_FILENO;
}


/**
 * Get the path of the file
 *
 * @param o Log
 *
 * @return Path, NULL if the log goes to stdout
 */
const char *logout_file(const struct logout *o)
{
	return o ? o->file : NULL;
}


/**
 * Get the number of lines that were lost
 *
 * @param o Log
 *
 * @return Number of lines
 */
uint64_t logout_lost(const struct logout *o)
{
	return o ? logwriter_lost(o->w, CLOG_BRIDGE) : 0;
}
