/**
 * @file office/extfile.h  extensions.conf: while it is changed
 *
 *	struct extfile *f;
 *
 *	err = extfile_open(&f, dir, why, sizeof(why));
 *	... office_edit(new, text of it, line, with), extfile_set(f, new);
 *	err = extfile_save(f, why, sizeof(why));
 *	mem_deref(f);
 */

enum {
	EXTFILE_PATH = 1024,    /**< Size of a path [bytes]                */
};

/** The file while it is changed: nobody else does meanwhile */
struct extfile;

int  extfile_open(struct extfile **fp, const char *dir, char *why,
		  size_t size);
int  extfile_save(struct extfile *f, char *why, size_t size);
void extfile_text(struct pl *text, const struct extfile *f);
void extfile_set(struct extfile *f, struct mbuf *mb);
const char *extfile_path(const struct extfile *f);
