/**
 * @file config/conftext.c  Text of configuration files: lines, UTF-8, near words
 *
 * Pure, but for conf_load().
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include <re.h>
#include "conftext.h"


enum {
	FILE_MAX  = 4194304,    /**< Longest file [bytes]                  */
	WORD_MAX  = 64,         /**< Longest word that is compared         */
};


static void wipe(void *data)
{
	struct mbuf *mb = data;

	if (mb->buf)
		explicit_bzero(mb->buf, mb->size);
	mem_deref(mb->buf);
}


/**
 * Get a buffer for what may be secret; its memory is wiped when it is freed
 *
 * @param size Room in it [bytes]: those that grow would leave copies behind
 *
 * @return New buffer, NULL without memory
 */
struct mbuf *conf_mbuf(size_t size)
{
	struct mbuf *mb = mem_zalloc(sizeof(*mb), wipe);

	return mb && mbuf_resize(mb, size) ? mem_deref(mb) : mb;
}


/* Others may read it, and get at it */
static bool is_open(const struct stat *st, const char *path)
{
	struct stat dir;
	char buf[1024];

	if (!(st->st_mode & S_IROTH))
		return false;

	if (str_len(path) >= sizeof(buf))
		return true;

	str_ncpy(buf, path, sizeof(buf));

	return stat(dirname(buf), &dir) || (dir.st_mode & S_IXOTH);
}


static int read_all(struct mbuf *mb, int fd)
{
	uint8_t buf[4096];
	ssize_t n;
	int err = 0;

	while (!err && (n = read(fd, buf, sizeof(buf))) != 0) {

		if (n < 0)
			err = errno;
		else if (mb->end + (size_t)n > FILE_MAX)
			err = EFBIG;
		else
			err = mbuf_write_mem(mb, buf, (size_t)n);
	}

	explicit_bzero(buf, sizeof(buf));

	return err;
}


/**
 * Load a file that may hold secrets; its memory is wiped when it is freed
 *
 * @param mbp  Pointer to new buffer
 * @param path Path of the file
 * @param openp Set to whether every user of the machine can read it
 *
 * @return 0 if success, otherwise why it cannot be read
 */
int conf_load(struct mbuf **mbp, const char *path, bool *openp)
{
	struct mbuf *mb = NULL;
	struct stat st;
	int fd, err;

	if (!mbp || !path || !openp)
		return EINVAL;

	/* not to hang on a FIFO that nobody writes to */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno;

	err = fstat(fd, &st) ? errno : 0;
	if (err)
		goto out;

	*openp = is_open(&st, path);

	mb = conf_mbuf((size_t)min(st.st_size, (off_t)FILE_MAX) + 1);
	err = mb ? read_all(mb, fd) : ENOMEM;

 out:
	(void)close(fd);
	if (err)
		mem_deref(mb);
	else
		*mbp = mb;

	return err;
}


/**
 * Skip a byte order mark
 *
 * @param text Text, without it afterwards
 *
 * @return True if there was one
 */
bool conf_bom(struct pl *text)
{
	if (text->l < 3 || memcmp(text->p, "\xef\xbb\xbf", 3))
		return false;

	pl_advance(text, 3);

	return true;
}


/**
 * Does a character stand between words of a line?
 *
 * @param c Character
 *
 * @return True if it does
 */
bool conf_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}


/**
 * Leave the blanks around a text out
 *
 * @param pl Text
 */
void conf_trim(struct pl *pl)
{
	while (pl->l && conf_is_blank(pl->p[pl->l - 1]))
		--pl->l;

	while (pl->l && conf_is_blank(*pl->p))
		pl_advance(pl, 1);
}


/**
 * Get the next line
 *
 * @param line Line, without blanks and line end around it; may be empty
 * @param nr   Number of the line before, counted up
 * @param text Text, what is left of it afterwards
 *
 * @return False at the end
 */
bool conf_next(struct pl *line, unsigned *nr, struct pl *text)
{
	const char *end;

	if (!text->l)
		return false;

	end = memchr(text->p, '\n', text->l);

	line->p = text->p;
	line->l = end ? (size_t)(end - text->p) : text->l;
	pl_advance(text, line->l + (end ? 1 : 0));
	conf_trim(line);
	++*nr;

	return true;
}


static void next_word(struct pl *word, struct pl *line)
{
	size_t n = 0;

	while (n < line->l && !conf_is_blank(line->p[n]))
		++n;

	word->p = line->p;
	word->l = n;
	pl_advance(line, n);
	conf_trim(line);
}


/**
 * Get the next line of a file of keys
 *
 * @param cl   Line; its number is that of the line before, counted up
 * @param text Text, what is left of it afterwards
 *
 * @return False at the end
 */
bool conf_next_key(struct conf_line *cl, struct pl *text)
{
	struct pl line;

	if (!conf_next(&line, &cl->line, text))
		return false;

	if (line.l && *line.p == '#')
		line.l = 0;

	next_word(&cl->key, &line);
	next_word(&cl->val, &line);
	cl->rest = line;

	/* baresip takes the first word, whatever it is, for the value */
	if (cl->rest.l && *cl->rest.p == '#')
		cl->rest.l = 0;

	return true;
}


static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}


/* Letters to change, to add, to take away, or to swap with the next one */
static unsigned distance(const struct pl *a, const char *b, size_t bl)
{
	unsigned rowv[3][WORD_MAX + 1];
	size_t i, j;

	for (j=0; j<=bl; j++)
		rowv[0][j] = (unsigned)j;

	for (i=1; i<=a->l; i++) {

		unsigned *row = rowv[i % 3], *prev = rowv[(i + 2) % 3];
		const unsigned *older = rowv[(i + 1) % 3];
		const char c = lower(a->p[i - 1]);

		row[0] = (unsigned)i;

		for (j=1; j<=bl; j++) {

			const char d = lower(b[j - 1]);

			row[j] = prev[j - 1] + (c != d);
			row[j] = min(row[j], prev[j] + 1);
			row[j] = min(row[j], row[j - 1] + 1);

			if (i > 1 && j > 1 && c == lower(b[j - 2]) &&
			    d == lower(a->p[i - 2]))
				row[j] = min(row[j], older[j - 2] + 1);
		}
	}

	return rowv[a->l % 3][bl];
}


/**
 * Begin the search for the word that was meant
 *
 * @param near Search
 * @param word Word as it was written; a word that is nothing like it is not
 *             found
 */
void conf_near_init(struct conf_near *near, const struct pl *word)
{
	near->word = *word;
	near->best = NULL;
	near->dist = (unsigned)max(word->l / 3, (size_t)1) + 1;
}


/**
 * Try a word
 *
 * @param near Search
 * @param word Word that would be right
 */
void conf_near_try(struct conf_near *near, const char *word)
{
	const size_t len = str_len(word);
	unsigned dist;

	if (near->word.l > WORD_MAX || len > WORD_MAX)
		return;

	/* most of them need no closer look */
	if (max(near->word.l, len) - min(near->word.l, len) >= near->dist)
		return;

	dist = distance(&near->word, word, len);
	if (dist < near->dist) {
		near->dist = dist;
		near->best = word;
	}
}
