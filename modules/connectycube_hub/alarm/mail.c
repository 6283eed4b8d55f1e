/**
 * @file connectycube_hub/alarm/mail.c  Alarms are told by mail
 *
 * What comes within a few seconds is one mail, and there are no more mails
 * than the configuration wants: what happens meanwhile is in the next one. If
 * the program fails it is said once, and tried again with that one.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/jobthread.h"
#include "base/log.h"
#include "base/mono.h"
#include "../hublive.h"
#include "../recording/child.h"
#include "letter.h"
#include "mail.h"


enum {
	COLLECT = 5000,         /**< What comes in that is one mail [ms]   */
	LIMIT = 60,             /**< Longest time of the program [s]       */
	ADDRESSES = 8,          /**< Most that a mail goes to              */
	ARGS = ADDRESSES + 4,
};

/** A mail that is sent */
struct job {
	struct le le;           /**< Of the thread                         */
	struct letter letter;   /**< What is in it, if it fails            */
	struct mbuf *mb;        /**< It (owned)                            */
	char *program;          /**< (owned)                               */
	char *to;               /**< (owned)                               */
	int err;                /**< It could not be begun                 */
	struct child_end end;   /**< What came of it                       */
};

static struct {
	struct letter letter;
	struct tmr tmr;
	struct jobthread *thread; /* (owned) */
	char *to;               /* addresses, joined by commas (owned) */
	char *program;          /* (owned) */
	uint64_t every;         /* [ms] */
	uint64_t next;          /* no mail before [ms] */
	bool busy;
	bool failed;
} mail;


static void job_destructor(void *data)
{
	struct job *job = data;

	list_unlink(&job->le);
	letter_clear(&job->letter);
	mem_deref(job->mb);
	mem_deref(job->program);
	mem_deref(job->to);
}


/* In memory: nothing is left on the disk */
static int input_of(int *fdp, const struct mbuf *mb)
{
	const int fd = memfd_create("mail", MFD_CLOEXEC);
	size_t n = 0;

	if (fd < 0)
		return errno;

	while (n < mb->end) {

		const ssize_t len = write(fd, mb->buf + n, mb->end - n);

		if (len <= 0) {
			(void)close(fd);
			return EIO;
		}
		n += (size_t)len;
	}

	(void)lseek(fd, 0, SEEK_SET);
	*fdp = fd;

	return 0;
}


/* On the thread */
static void work_handler(void *data, size_t behind, void *work)
{
	struct job *job = data;
	char *argv[ARGS] = {job->program, "-i", "--"};
	size_t n = 3;
	char *p;
	int fd = -1;
	(void)behind;
	(void)work;

	for (p = job->to; p && n < ARGS - 1;) {
		argv[n++] = p;
		p = strchr(p, ',');
		if (p)
			*p++ = '\0';
	}
	argv[n] = NULL;

	job->err = input_of(&fd, job->mb);
	if (job->err)
		return;

	job->err = child_run_in(&job->end, argv, fd, LIMIT);
	(void)close(fd);
}


static void due_handler(void *arg);


static void plan(void)
{
	const uint64_t now = mono_ms();
	uint64_t wait = COLLECT;

	if (mail.busy || letter_is_empty(&mail.letter) ||
	    tmr_isrunning(&mail.tmr))
		return;

	if (mail.next > now + wait)
		wait = mail.next - now;

	tmr_start(&mail.tmr, wait, due_handler, NULL);
}


static void move_lines(struct letter *to, struct letter *from)
{
	struct le *le = list_head(&from->linel);

	while (le) {

		struct le *next = le->next;

		list_unlink(le);
		if (list_count(&to->linel) < LETTER_LINES) {
			list_append(&to->linel, le, le->data);
		}
		else {
			mem_deref(le->data);
			++to->more;
		}
		le = next;
	}

	to->more += from->more;
	from->more = 0;
}


/* What could not be told is told with what is new, before it */
static void take_back(struct job *job)
{
	move_lines(&job->letter, &mail.letter);
	move_lines(&mail.letter, &job->letter);
}


static void done_handler(void *data, void *arg)
{
	struct job *job = data;
	const bool ok = !job->err && job->end.ran && !job->end.code;
	(void)arg;

	mail.busy = false;
	mail.next = mono_ms() + mail.every;

	if (ok) {
		if (mail.failed)
			clog_info("hub: alarms are told by mail again\n");
	}
	else {
		take_back(job);
		if (!mail.failed && job->err)
			clog_warning("hub: alarms cannot be told by mail: %s:"
				     " %m\n", mail.program, job->err);
		else if (!mail.failed)
			clog_warning("hub: alarms cannot be told by mail: %s"
				     " %H (connectycube_hub_alarm_sendmail)\n",
				     mail.program, child_print, &job->end);
	}

	mail.failed = !ok;
	mem_deref(job);
	plan();
}


static int make_job(struct job **jobp)
{
	char host[64] = "";
	struct job *job;
	int err;

	(void)gethostname(host, sizeof(host) - 1);

	job = mem_zalloc(sizeof(*job), job_destructor);
	if (!job)
		return ENOMEM;

	err  = str_dup(&job->program, mail.program);
	err |= str_dup(&job->to, mail.to);
	job->mb = mbuf_alloc(1024);
	if (!job->mb)
		err = ENOMEM;
	if (!err)
		err = letter_write(job->mb, &mail.letter, mail.to, host);

	if (err)
		mem_deref(job);
	else
		*jobp = job;

	return err;
}


static void due_handler(void *arg)
{
	struct job *job;
	int err;
	(void)arg;

	if (letter_is_empty(&mail.letter))
		return;

	err = make_job(&job);
	if (!err) {
		move_lines(&job->letter, &mail.letter);
		err = jobthread_push(mail.thread, &job->le, job);
		if (err) {
			take_back(job);
			mem_deref(job);
		}
	}

	if (err) {
		mail.next = mono_ms() + mail.every;
		plan();
	}
	else {
		mail.busy = true;
	}
}


static void live_handler(const char *type, const char *ext,
			 struct json_t *j, void *arg)
{
	(void)ext;
	(void)arg;

	if (strcmp(type, "alarm"))
		return;

	if (letter_add(&mail.letter, j))
		++mail.letter.more;
	plan();
}


/**
 * Begin to tell alarms by mail
 *
 * @param to      Addresses, joined by commas; NULL=nobody is told
 * @param program What takes mails as sendmail does
 * @param every   There is one mail at most in so long [s]
 *
 * @return 0 if success, otherwise errorcode
 */
int alarmmail_start(const char *to, const char *program, uint32_t every)
{
	int err;

	if (!to)
		return 0;

	tmr_init(&mail.tmr);
	mail.every = every * 1000ull;
	err  = str_dup(&mail.to, to);
	err |= str_dup(&mail.program, program);
	if (!err)
		err = jobthread_alloc(&mail.thread, work_handler, NULL,
				      done_handler, NULL);
	if (err)
		alarmmail_stop();
	else
		hublive_set_handler(HUBLIVE_MAIL, live_handler, NULL);

	return err;
}


/**
 * Tell no more. What is being told is given up
 */
void alarmmail_stop(void)
{
	hublive_set_handler(HUBLIVE_MAIL, NULL, NULL);
	tmr_cancel(&mail.tmr);
	jobthread_stop(mail.thread);
	letter_clear(&mail.letter);
	mem_deref(mail.to);
	mem_deref(mail.program);
	memset(&mail, 0, sizeof(mail));
}
