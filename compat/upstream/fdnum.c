/**
 * @file compat/upstream/fdnum.c  libre 4.x's loop, by file descriptors
 *
 *   fdnum_listen(fd) --> table, by fd --> struct re_fhs --> libre
 *
 * Each module has a table of its own: a descriptor is let go by who listened.
 * It is to be used on the thread of libre's loop.
 */
#include <errno.h>
#include <string.h>
#include <re.h>

#undef fd_listen
#undef fd_close


static struct {
	struct re_fhs **fhsv;   /* by fd */
	size_t size;
	size_t count;           /* that are listened to */
} tbl;


static int grow(size_t size)
{
	struct re_fhs **fhsv;

	size = max(size, 2 * tbl.size);

	fhsv = mem_reallocarray(tbl.fhsv, size, sizeof(*fhsv), NULL);
	if (!fhsv)
		return ENOMEM;

	memset(&fhsv[tbl.size], 0, (size - tbl.size) * sizeof(*fhsv));
	tbl.fhsv = fhsv;
	tbl.size = size;

	return 0;
}


static void forget(int fd)
{
	tbl.fhsv[fd] = NULL;
	if (--tbl.count)
		return;

	tbl.fhsv = mem_deref(tbl.fhsv);
	tbl.size = 0;
}


/**
 * Listen to a descriptor, or change how
 *
 * @param fd    File descriptor
 * @param flags FD_READ, FD_WRITE, FD_EXCEPT; 0 to listen no more
 * @param h     Handler
 * @param arg   Handler argument
 *
 * @return 0 if success, EBADF, ENOMEM, or the errors of libre's fd_listen()
 */
int fdnum_listen(int fd, int flags, fd_h *h, void *arg)
{
	bool fresh;
	int err;

	if (fd < 0)
		return EBADF;

	if (!flags) {
		fdnum_close(fd);
		return 0;
	}

	err = (size_t)fd < tbl.size ? 0 : grow((size_t)fd + 1);
	if (err)
		return err;

	fresh = !tbl.fhsv[fd];
	tbl.count += fresh;

	/* a listener with which it fails is gone, and so is what it heard */
	err = fd_listen(&tbl.fhsv[fd], fd, flags, h, arg);
	if (err)
		forget(fd);

	return err;
}


/**
 * Listen to a descriptor no more. Before it is closed
 *
 * @param fd File descriptor, listened to or not
 */
void fdnum_close(int fd)
{
	if (fd < 0 || (size_t)fd >= tbl.size || !tbl.fhsv[fd])
		return;

	(void)fd_close(tbl.fhsv[fd]);
	forget(fd);
}
