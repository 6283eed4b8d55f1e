/**
 * @file tests/bench/limit.c  The bare limit: a loop that does the work alone
 *
 * A process of its own with two sockets a call: epoll_wait, recvfrom, SRTP,
 * codec, sendto, and nothing else. Codec parameters are the bridge's.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>
#include <opus.h>
#include <re.h>
#include <rem.h>
#include "peer/peer.h"
#include "peer/srtp.h"
#include "bench.h"


enum {
	APP = KINDS,            /**< Index of the app's leg; before it the
				     phone's, by kind                      */
	LEGS
};

struct leg {
	int fd;
	struct leg *outv[KINDS]; /**< Where which kind goes                */
	struct sockaddr_in dst;
	struct srtpx *srtp;     /**< The call's                            */
	bool app;
	bool video;
	uint16_t seq;
	uint32_t ts;
	OpusEncoder *enc;
	OpusDecoder *dec;
};

static struct leg legv[CALL_MAX][LEGS];


static uint16_t make_leg(struct leg *leg, uint16_t dst)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);
	int e;

	leg->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (bind(leg->fd, (struct sockaddr *)&sin, len))
		return 0;

	leg->dst = sin;
	leg->dst.sin_port = htons(dst);
	(void)getsockname(leg->fd, (struct sockaddr *)&sin, &len);

	if (bench.mode == MODE_XCODE) {
		leg->enc = opus_encoder_create(8000, 1,
					       OPUS_APPLICATION_VOIP, &e);
		leg->dec = opus_decoder_create(8000, 1, &e);
		opus_encoder_ctl(leg->enc, OPUS_SET_COMPLEXITY(2));
		opus_encoder_ctl(leg->enc, OPUS_SET_BITRATE(20000));
		opus_encoder_ctl(leg->enc, OPUS_SET_INBAND_FEC(1));
	}

	return ntohs(sin.sin_port);
}


/* In place: the payload becomes the other codec's */
static size_t transcode(struct leg *from, uint8_t *pkt, size_t len)
{
	int16_t sampv[960];
	int i, n;

	if (from->app) {
		n = opus_decode(from->dec, pkt + 12, (int)len - 12, sampv,
				960, 0);
		for (i=0; i<n; i++)
			pkt[12 + i] = g711_pcm2ulaw(sampv[i]);
		from->ts += 160;
		pkt[1] = 0;
	}
	else {
		n = (int)len - 12;
		for (i=0; i<n; i++)
			sampv[i] = g711_ulaw2pcm(pkt[12 + i]);
		n = opus_encode(from->enc, sampv, n, pkt + 12, 1275);
		from->ts += 960;
		pkt[1] = APP_PT;
	}

	pkt[4] = (uint8_t)(from->ts >> 24);
	pkt[5] = (uint8_t)(from->ts >> 16);
	pkt[6] = (uint8_t)(from->ts >> 8);
	pkt[7] = (uint8_t)from->ts;

	return 12 + (size_t)max(n, 0);
}


static void one(struct leg *leg)
{
	struct leg *out;
	struct sockaddr_in src;
	socklen_t srclen = sizeof(src);
	uint8_t pkt[PKT_ROOM];
	size_t len;
	ssize_t n;

	n = recvfrom(leg->fd, pkt, sizeof(pkt), 0, (struct sockaddr *)&src,
		     &srclen);
	if (n < 12)
		return;

	len = (size_t)n;
	if (leg->app && srtpx_unprotect(leg->srtp, false, pkt, &len))
		return;

	out = leg->outv[(pkt[1] & 0x7f) == APP_VPT ? VIDEO : AUDIO];

	if (bench.mode == MODE_XCODE)
		len = transcode(leg, pkt, len);

	pkt[2] = (uint8_t)(leg->seq >> 8);
	pkt[3] = (uint8_t)leg->seq++;
	pkt[8] = leg->app;
	if (leg->video)
		pkt[1] = (pkt[1] & 0x80) | APP_VPT;

	if (out->app && srtpx_protect(out->srtp, false, pkt, &len,
				      sizeof(pkt)))
		return;

	(void)sendto(out->fd, pkt, len, 0, (struct sockaddr *)&out->dst,
		     sizeof(out->dst));
}


static void loop(void)
{
	struct epoll_event evv[256];
	const int epfd = epoll_create1(0);
	unsigned i, k;
	int n, j;

	for (i=0; i<bench.n; i++) {
		for (k=0; k<LEGS; k++) {
			struct epoll_event ev = {
				.events = EPOLLIN,
				.data.ptr = &legv[i][k],
			};
			(void)epoll_ctl(epfd, EPOLL_CTL_ADD, legv[i][k].fd,
					&ev);
		}
	}

	for (;;) {
		n = epoll_wait(epfd, evv, ARRAY_SIZE(evv), -1);
		for (j=0; j<n; j++)
			one(evv[j].data.ptr);
	}
}


static void make_phone(struct call *call, struct leg *leg, unsigned kind,
		       struct leg *app)
{
	const uint16_t port = make_leg(leg, rtpsock_port(kind));

	(void)sa_set_str(&call->sipv[kind], "127.0.0.1", port);
	rtpsock_learn(call, kind);

	leg->video = kind == VIDEO;
	leg->outv[AUDIO] = leg->outv[VIDEO] = app;
	app->outv[kind]  = leg;
}


static int make_legs(struct call *call, struct leg *v)
{
	struct leg *app = &v[APP];
	unsigned k;
	int err;

	err = app_raw_alloc(call);
	if (err)
		return err;

	app_raw_dst(call, make_leg(app, app_raw_port(call)));
	app->app = true;

	for (k=0; k<KINDS; k++)
		make_phone(call, &v[k], k, app);

	return app_raw_srtp(&app->srtp, false);
}


static int start(void)
{
	pid_t pid;
	unsigned i;
	int err;

	for (i=0; i<bench.n; i++) {

		err = make_legs(&bench.callv[i], legv[i]);
		if (err)
			return err;
	}

	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)proc_pin(0, bench.cpu);
		loop();
		_exit(0);
	}

	bench.pid = pid;

	return pid < 0 ? errno : 0;
}


static int make_call(struct call *call)
{
	call->sip_ok = call->app_ok = true;

	return 0;
}


static int hangup(struct call *call)
{
	(void)call;

	return 0;
}


static void stop(void)
{
	unsigned i;

	for (i=0; i<bench.n; i++)
		app_raw_close(&bench.callv[i]);

	(void)kill(bench.pid, SIGKILL);
	(void)waitpid(bench.pid, NULL, 0);
}


const struct setup setup_limit = {
	.name = "limit", .start = start, .call = make_call,
	.hangup = hangup, .stop = stop, .parallel = CALL_MAX,
};
