/**
 * @file connectycube_record/recdisk.h  The files of recordings, on the disk
 *
 *   .UUID.rec.tmp, locked --> head, START on the disk --> UUID.rec --> END
 *
 * All of it blocks: it is of the writer's thread, and of before the loop
 * begins. Pure.
 */

enum {
	RECDISK_NAME = 64,      /**< Size of a file's name [bytes]         */
};

/** A file that is being written; all zero but fd -1=none */
struct recdisk {
	int fd;                 /**< Its descriptor, locked; -1=none       */
	off_t good;             /**< What is whole of it [bytes]           */
	bool torn;              /**< There is more in it, which is not     */
	bool dirty;             /**< Something is not on the disk yet      */
	uint64_t t_sync;        /**< When it was [us]                      */
};

int  recdisk_spool(int *dirp, const char *path);
int  recdisk_create(struct recdisk *rd, int dir, const char *name,
		    const struct mbuf *mb);
int  recdisk_append(struct recdisk *rd, const struct mbuf *mb);
int  recdisk_sync(struct recdisk *rd);
int  recdisk_close(struct recdisk *rd);
