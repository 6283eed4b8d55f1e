/**
 * @file connectycube_record/writer.h  Recordings on the disk
 *
 *   loop: writer_append() --> [jobs] --> recdisk.c --> SPOOL/UUID.rec
 *   loop: writer_h        <-- [done] <-----+            (thread)
 *
 * One thread for all recordings, which may stand still as long as the disk
 * does: what waits for it is bounded, and what is over that is refused. A piece
 * that the disk does not take is lost, and so are all behind it that were made
 * before their maker was told: he begins anew, with what it takes to
 * understand the rest.
 */

#include "recdisk.h"

struct writer;
struct writer_file;

/** What has become of a piece */
enum writer_what {
	WRITER_OPENED = 0,      /**< There is a file; or not, and that is all */
	WRITER_WRITTEN,         /**< It is written, or lost                */
	WRITER_CLOSED,          /**< The file is whole, or was left as it is */
};

/** What was done */
struct writer_done {
	enum writer_what what;
	int err;                /**< 0 if success, otherwise errorcode     */
	unsigned packets;       /**< How many were in it: lost on error    */
	bool anew;              /**< What follows is lost, too, until
				     writer_again()                        */
};

/**
 * Something was done; not after writer_forget()
 *
 * @param done What
 * @param arg  Handler argument
 */
typedef void (writer_h)(const struct writer_done *done, void *arg);

int    writer_alloc(struct writer **wp, const char *spool, size_t max);
void   writer_close(struct writer *w);
size_t writer_waiting(const struct writer *w);
const char *writer_spool(const struct writer *w);

int  writer_open(struct writer_file **fp, struct writer *w, const char *name,
		 struct mbuf *mb, writer_h *h, void *arg);
int  writer_append(struct writer_file *f, struct mbuf *mb, unsigned packets);
void writer_again(struct writer_file *f);
bool writer_is_idle(const struct writer_file *f);
int  writer_end(struct writer_file *f, struct mbuf *mb);
void writer_forget(struct writer_file *f);
