/**
 * @file connectycube_hub/web/tokenfile.c  The file of tokens, read
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include "route.h"
#include "guard.h"


enum {
	TOKENS_MAX = 1<<16,     /**< Longest file of tokens [bytes]        */
};


static int read_text(struct mbuf **mbp, const char *path, char *why,
		     size_t size)
{
	struct mbuf *mb;
	struct stat st;
	ssize_t n;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno;

	mb = mbuf_alloc(TOKENS_MAX);
	if (!mb || fstat(fd, &st)) {
		err = ENOMEM;
	}
	else if (st.st_mode & (S_IRWXG | S_IRWXO)) {
		(void)re_snprintf(why, size, "others can read it:"
				  " chmod 600");
		err = EPERM;
	}
	else {
		n = read(fd, mb->buf, mb->size);
		err = n < 0 ? errno : n == TOKENS_MAX ? EFBIG : 0;
		mb->end = n > 0 ? (size_t)n : 0;
	}

	(void)close(fd);
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


/**
 * Read the file of tokens
 *
 * @param tokenl List that they are added to
 * @param path   Path; none has been made if there is no such file
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, EBADMSG if something in it is wrong, EPERM if others
 *         can read it, EFBIG if it is too long, otherwise why it cannot be read
 */
int web_tokens_load(struct list *tokenl, const char *path, char *why,
		    size_t size)
{
	struct mbuf *mb = NULL;
	int err;

	why[0] = '\0';
	err = read_text(&mb, path, why, size);
	if (err == ENOENT)
		return 0;
	if (!err)
		err = web_token_read(tokenl, (const char *)mb->buf, mb->end,
				     why, size);
	mem_deref(mb);

	if (err && !why[0])
		(void)re_snprintf(why, size, "%m", err);

	return err;
}
