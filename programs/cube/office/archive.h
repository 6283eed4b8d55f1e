/**
 * @file office/archive.h  What a backup is made of, and where all of it belongs
 *
 *   MANIFEST          what this is, of which version, of which machine
 *   records.db        the hub's database
 *   recordings.txt    size and name of each recording, which are not in it
 *   office/           /etc/connectycube-bridge
 *   hub/              /var/lib/connectycube-hub, without the two above and logs
 *   bridges/NAME/     /var/lib/connectycube-bridge/NAME, without logs
 *
 * Begins with cli.h.
 */

#define ARCHIVE_FORMAT 1

enum {
	ARCHIVE_PATH = 1024,    /**< Size of a path [bytes]                */
};

/** Where all of an office is */
struct archive_paths {
	char etc[ARCHIVE_PATH];
	char bridges[ARCHIVE_PATH];
	char hub[ARCHIVE_PATH];
	char db[ARCHIVE_PATH];
	char recordings[ARCHIVE_PATH];
};

/* archive.c */
int  archive_paths(struct archive_paths *ap, const struct cli_args *a);
int  archive_folder(char *dir, size_t size, const char *beside);
void archive_remove(const char *dir);
int  archive_run(const char *what, char *const argv[], int most);

/* archivedb.c */
int  archive_db_copy(const char *to, const char *from, char *why,
		     size_t size);
int  archive_db_check(const char *path, char *why, size_t size);
void archive_db_settle(const char *path);
