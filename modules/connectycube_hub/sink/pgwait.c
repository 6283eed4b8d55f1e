/**
 * @file connectycube_hub/sink/pgwait.c  libpq, with an end to waiting
 *
 *   PQconnectStart, PQsendQueryParams --> poll() until the time is up, or the
 *   PQconnectPoll, PQgetResult        <-- process ends
 *
 * A server that accepts and says nothing, or that is stopped in mid-insert,
 * would hold up the thread of its sink for as long as TCP lives, and the end
 * of the process with it. Only that names are looked up is libpq's alone: the
 * system's resolver has limits of its own (resolv.conf).
 */
#include <errno.h>
#include <poll.h>
#include <libpq-fe.h>
#include <re.h>
#include "base/mono.h"
#include "pgwait.h"
#include "../quit.h"


enum {
	LOOK = 200,             /**< Longest until it is seen that the
				     process ends [ms]                     */
};


/**
 * Say what libpq says: it ends its lines, and we do not. It may be a server's
 *
 * @param why  Set to it
 * @param size Room there [bytes]
 * @param msg  What it says, may be NULL
 */
void pgwait_say(char *why, size_t size, const char *msg)
{
	size_t n;

	str_ncpy(why, msg ? msg : "", size);
	for (n=0; why[n]; n++) {
		if ((uint8_t)why[n] < ' ' || why[n] == 0x7f)
			why[n] = ' ';
	}
	while (n && why[n - 1] == ' ')
		why[--n] = '\0';
}


/* libpq writes what a server only remarks to stderr, as it came, beside the log:
   what is wrong it says otherwise */
static void remark(void *arg, const char *msg)
{
	(void)arg;
	(void)msg;
}


static int wait_for(PGconn *conn, short events, uint64_t end)
{
	for (;;) {

		struct pollfd pfd = {.fd = PQsocket(conn), .events = events};
		const uint64_t now = mono_ms();
		int n;

		if (pfd.fd < 0)
			return ENOTCONN;
		if (hub_quitting())
			return ECANCELED;
		if (now >= end)
			return ETIMEDOUT;

		n = poll(&pfd, 1, (int)min(end - now, (uint64_t)LOOK));
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return errno;
	}
}


/* What is wrong: ours, or else what libpq says */
static int fault(PGconn *conn, int err, const char *what, uint32_t ms,
		 char *why, size_t size)
{
	if (err == ETIMEDOUT)
		(void)re_snprintf(why, size, "%s within %u s", what,
				  ms / 1000);
	else if (err == EPROTO)
		str_ncpy(why, "it answers what nobody has asked for", size);
	else if (err == ECANCELED)
		str_ncpy(why, "the hub ends", size);
	else
		pgwait_say(why, size, PQerrorMessage(conn));

	return err;
}


/**
 * Connect
 *
 * @param connp  Set to the connection, freed by PQfinish()
 * @param keyv   Keywords, as of PQconnectStartParams(); dbname is expanded
 * @param valuev ... and their values
 * @param ms     Longest time [ms]
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if success, ETIMEDOUT if nobody answers, ECANCELED if the process
 *         ends, otherwise errorcode
 */
int pgwait_connect(struct pg_conn **connp, const char *const *keyv,
		   const char *const *valuev, uint32_t ms, char *why,
		   size_t size)
{
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;
	const uint64_t end = mono_ms() + ms;
	PGconn *conn;
	int err = 0;

	if (!connp || !keyv || !valuev)
		return EINVAL;

	conn = PQconnectStartParams(keyv, valuev, 1);
	if (!conn)
		return ENOMEM;

	(void)PQsetNoticeProcessor(conn, remark, NULL);

	if (PQstatus(conn) == CONNECTION_BAD)
		status = PGRES_POLLING_FAILED;

	while (!err && status != PGRES_POLLING_OK) {

		if (status == PGRES_POLLING_FAILED)
			err = ECONNREFUSED;
		else
			err = wait_for(conn, status == PGRES_POLLING_READING ?
				       POLLIN : POLLOUT, end);
		if (!err)
			status = PQconnectPoll(conn);
	}

	if (!err && PQsetnonblocking(conn, 1))
		err = ENOMEM;
	if (err) {
		(void)fault(conn, err, "it lets nobody in", ms, why, size);
		PQfinish(conn);
		return err;
	}

	*connp = conn;

	return 0;
}


/* All of it goes out; what comes meanwhile is read, or neither would go on */
static int flush(PGconn *conn, uint64_t end)
{
	int n, err = 0;

	while (!err && (n = PQflush(conn)) != 0) {

		if (n < 0)
			return EPIPE;

		err = wait_for(conn, POLLIN | POLLOUT, end);
		if (!err && !PQconsumeInput(conn))
			err = ECONNRESET;
	}

	return err;
}


/* In the middle of that libpq has another answer of the same kind for ever, and
   nothing to wait for */
static bool is_copy(const PGresult *res)
{
	switch (PQresultStatus(res)) {

	case PGRES_COPY_IN:
	case PGRES_COPY_OUT:
	case PGRES_COPY_BOTH:
		return true;

	default:
		return false;
	}
}


/* The next answer, NULL=that was the last one */
static int next_result(PGresult **resp, PGconn *conn, uint64_t end)
{
	int err = 0;

	while (!err && PQisBusy(conn)) {

		err = wait_for(conn, POLLIN, end);
		if (!err && !PQconsumeInput(conn))
			err = ECONNRESET;
	}

	if (!err)
		*resp = PQgetResult(conn);

	return err;
}


/**
 * Execute a statement, and wait for what comes of it
 *
 * @param resp   Set to it, freed by PQclear()
 * @param conn   Connection of pgwait_connect(). If this fails it is of no use
 *               any more
 * @param sql    SQL
 * @param n      Number of its parameters
 * @param valuev Parameters, as text; NULL=SQL's null
 * @param ms     Longest time [ms]
 * @param why    Set to what is wrong
 * @param size   Room there [bytes]
 *
 * @return 0 if it has answered, whatever it is, ETIMEDOUT if it has not,
 *         ECANCELED if the process ends, EPROTO if it wants to copy, otherwise
 *         errorcode
 */
int pgwait_exec(struct pg_result **resp, struct pg_conn *conn,
		const char *sql, unsigned n, const char *const *valuev,
		uint32_t ms, char *why, size_t size)
{
	const uint64_t end = mono_ms() + ms;
	PGresult *res = NULL, *next = NULL;
	int err;

	if (!resp || !conn || !sql)
		return EINVAL;

	err = PQsendQueryParams(conn, sql, (int)n, NULL, valuev, NULL, NULL,
				0) ? flush(conn, end) : ECONNRESET;

	while (!err) {

		err = next_result(&next, conn, end);
		if (err || !next)
			break;

		PQclear(res);
		res  = next;
		next = NULL;
		if (is_copy(res))
			err = EPROTO;
	}

	if (!err && !res)
		err = ECONNRESET;
	if (err) {
		PQclear(res);
		return fault(conn, err, "it does not answer", ms, why, size);
	}

	*resp = res;

	return 0;
}
