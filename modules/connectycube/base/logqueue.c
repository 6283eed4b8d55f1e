/**
 * @file base/logqueue.c  Lines of other threads, until the loop writes them
 *
 * Who logs on a thread waits for nothing but another one that puts a line
 * here. What is too much is lost, and counted.
 */
#include <pthread.h>
#include <string.h>
#include <re.h>
#include "base/log.h"
#include "base/logqueue.h"


static struct {
	pthread_mutex_t mutex;  /* for all below */
	struct list linel;      /* lines (owned) */
	size_t n;               /* their number */
	uint64_t lost;          /* lines of which nobody was told */
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER};


static struct logqueue_line *copy(const struct clog_line *line)
{
	const size_t len = strlen(line->msg) + 1;
	const size_t idlen = line->id ? strlen(line->id) + 1 : 0;
	struct logqueue_line *l;

	l = mem_zalloc(sizeof(*l) + len + idlen, NULL);
	if (!l)
		return NULL;

	l->line    = *line;
	l->line.ev = NULL;

	memcpy(l->str, line->msg, len);
	l->line.msg = l->str;

	if (idlen) {
		memcpy(l->str + len, line->id, idlen);
		l->line.id = l->str + len;
	}

	return l;
}


/**
 * Let the loop write a line. On any thread
 *
 * @param line Line, which is copied; its event is not
 *
 * @return True if the loop is to be woken: it does not know that any waits
 */
bool logqueue_put(const struct clog_line *line)
{
	struct logqueue_line *l = copy(line);
	bool first;

	pthread_mutex_lock(&queue.mutex);

	/* lost ones alone wake nobody: the loop asks for them behind the last
	   line */
	first = !queue.n;

	if (l && queue.n < LOGQUEUE_LINES) {
		list_append(&queue.linel, &l->le, l);
		++queue.n;
		l = NULL;
	}
	else {
		++queue.lost;
	}

	pthread_mutex_unlock(&queue.mutex);

	mem_deref(l);

	return first;
}


/**
 * Take the line that has waited longest. On the loop
 *
 * @return Line, freed by mem_deref(); NULL if none waits
 */
struct logqueue_line *logqueue_take(void)
{
	struct le *le;

	pthread_mutex_lock(&queue.mutex);

	le = list_head(&queue.linel);
	if (le) {
		list_unlink(le);
		--queue.n;
	}

	pthread_mutex_unlock(&queue.mutex);

	return list_ledata(le);
}


/**
 * Get how many lines were lost, and forget it. On the loop
 *
 * @return Lines since this was asked last
 */
uint64_t logqueue_lost(void)
{
	uint64_t n;

	pthread_mutex_lock(&queue.mutex);
	n = queue.lost;
	queue.lost = 0;
	pthread_mutex_unlock(&queue.mutex);

	return n;
}
