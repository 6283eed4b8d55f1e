/**
 * @file tests/bench/driven.c  Calls as a test wants them, with a tone each way
 *
 *   loadgen --driven --peer ours --calls MOST ...
 *
 *   stdin:   call URI | hangup N | forget N     N: 0 is the first call's
 *   stdout:  {"call":N,"state":"up","id":"CALL-ID"}, ... "ended"
 *
 * From when a call is up its phone and its app send their tones, in real time,
 * until it ends. `forget` is for calls of a bridge that is dead. It runs until
 * its input ends.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include <rem.h>
#include "bench.h"


enum {
	FRAME    = 8000 / 1000 * PTIME,
	LATE     = 50,          /**< Caught up with at most [packets]      */
	PHONE_HZ = 1000,
	APP_HZ   = 450,
};

static struct {
	const struct setup *setup;
	struct tmr tmr;
	unsigned next;          /* call */
	uint64_t t_upv[CALL_MAX]; /* [ms], 0=it is not */
	char line[256];
	size_t len;
} dr;


static void tell(unsigned idx, const char *state, const char *id)
{
	(void)re_printf("{\"call\":%u,\"state\":\"%s\",\"id\":\"%s\"}\n", idx,
			state, id);
	(void)fflush(stdout);
}


static void send_tone(struct call *call, enum way way)
{
	const double hz = way == TO_APP ? PHONE_HZ : APP_HZ;
	struct flow *f = &call->flowv[way];
	const uint32_t n = f->next++;
	uint8_t pkt[PKT_ROOM] = {0x80, 0};
	const uint16_t seq = htons((uint16_t)(n + 1000));
	const uint32_t ts = htonl(n * FRAME);
	const uint32_t ssrc = htonl(0x10000 + call->idx * WAYS + way);
	uint64_t t;
	size_t i;

	memcpy(&pkt[2], &seq, 2);
	memcpy(&pkt[4], &ts, 4);
	memcpy(&pkt[8], &ssrc, 4);
	for (i=0; i<FRAME; i++)
		pkt[12 + i] = g711_pcm2ulaw((int16_t)(12000 * sin(2 * M_PI *
				hz * (n * FRAME + i) / 8000)));

	if (way == TO_APP)
		rtpsock_send(call, AUDIO, pkt, 12 + FRAME);
	else
		app_send(call, AUDIO, pkt, 12 + FRAME, &t);
}


static void flow(struct call *call)
{
	const uint64_t due = (tmr_jiffies() - dr.t_upv[call->idx]) / PTIME;
	unsigned w;

	for (w=0; w<WAYS; w++) {

		struct flow *f = &call->flowv[w];

		if (due > f->next + LATE)
			f->next = (uint32_t)due - LATE;
		while (f->next <= due)
			send_tone(call, w);
	}
}


static void tick(void *arg)
{
	unsigned i;
	(void)arg;

	tmr_start(&dr.tmr, 10, tick, NULL);

	for (i=0; i<dr.next; i++) {

		struct call *call = &bench.callv[i];
		const bool up = call->sip_ok && call->app_ok &&
			call->peerv[AUDIO];

		if (up && !dr.t_upv[i]) {
			dr.t_upv[i] = tmr_jiffies();
			tell(i, "up", ours_call_id(call));
		}
		else if (!up && dr.t_upv[i]) {
			dr.t_upv[i] = 0;
			call->sip_ok = false;
			tell(i, "ended", "");
		}

		if (up)
			flow(call);
	}
}


static void call_one(char *uri)
{
	struct call *call = &bench.callv[dr.next];

	if (dr.next >= bench.n)
		return;

	call->idx   = dr.next++;
	options.sip = uri;
	if (dr.setup->call(call))
		(void)re_fprintf(stderr, "loadgen: call %u\n", call->idx);
}


static void obey(char *line)
{
	unsigned idx;
	char *arg;

	arg = strchr(line, ' ');
	if (!arg)
		return;
	*arg++ = '\0';
	if (!strcmp(line, "call")) {
		call_one(arg);
		return;
	}

	idx = (unsigned)atoi(arg);
	if (idx >= dr.next)
		return;

	(void)dr.setup->hangup(&bench.callv[idx]);
	if (!strcmp(line, "forget")) {
		bench.callv[idx].sip_ok = false;
		ours_forget(&bench.callv[idx]);
	}
}


static void stdin_handler(int flags, void *arg)
{
	ssize_t n;
	char *end;
	(void)flags;
	(void)arg;

	n = read(STDIN_FILENO, dr.line + dr.len, sizeof(dr.line) - dr.len);
	if (n <= 0) {
		re_cancel();
		return;
	}

	dr.len += (size_t)n;
	while ((end = memchr(dr.line, '\n', dr.len))) {

		const size_t len = (size_t)(end + 1 - dr.line);

		*end = '\0';
		obey(dr.line);
		dr.len -= len;
		memmove(dr.line, end + 1, dr.len);
	}
}


/* Until the app is online there is nobody to call */
static void wait_handler(void *arg)
{
	int err;

	if (!ours_online()) {
		tmr_start(&dr.tmr, 20, wait_handler, arg);
		return;
	}

	err = fd_listen(STDIN_FILENO, FD_READ, stdin_handler, NULL);
	if (err) {
		(void)re_fprintf(stderr, "loadgen: stdin: %m\n", err);
		re_cancel();
		return;
	}

	tell(0, "online", "");
	tick(NULL);
}


/* Until the input ends */
void driven_run(const struct setup *setup)
{
	dr.setup = setup;
	tmr_init(&dr.tmr);
	tmr_start(&dr.tmr, 1, wait_handler, NULL);
	(void)re_main(NULL);
	tmr_cancel(&dr.tmr);
	fd_close(STDIN_FILENO);
}
