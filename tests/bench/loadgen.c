/**
 * @file tests/bench/loadgen.c  Calls through a bridge, measured
 *
 *   loadgen --peer ours --bench relay --mode relay-pcmu --calls 50 ...
 *
 * Makes the calls, a few at once, lets packets flow, measures for a while
 * after a warm-up, hangs up, and prints one line of JSON.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "bench.h"


enum {
	SETUP_MAX = 60000,      /**< Longest time for all calls [ms]       */
	ONE_MAX   = 15000,      /**< Longest time for one [ms]             */
	FLUSH     = 700,        /**< After hanging up [ms]                 */
};

struct bench bench = {.secs = 10, .n = 50};
struct options options;

static const struct setup *setupv[] = {
	&setup_ours, &setup_rtpengine, &setup_limit
};

static const char *modev[] = {
	"relay-pcmu", "relay-opus", "xcode", "video", "video-xcode"
};

static struct {
	const struct setup *setup;
	const char *name;
	bool driven;            /* by its input, see driven.c */
	struct tmr tmr;
	enum {PH_CALLS, PH_WARMUP, PH_MEASURE, PH_DRAIN} phase;
	unsigned started;
	uint64_t t_start;       /* [ms] */
	uint64_t t_call;        /* when the last call was started [ms] */
	uint64_t t_ready;       /* all calls are up [ms] */
	double cpu0, cpu1;      /* [s] */
	uint64_t wall0, wall1;  /* [ns] */
	double mem0, mem1, mem2; /* before, at the start, at the end [kB] */
	double own0, own1;      /* this process [s] */
	int err;
} run;


bool bench_video(void)
{
	return bench.mode == MODE_VIDEO || bench.mode == MODE_VIDEO_XCODE;
}


unsigned bench_kinds(void)
{
	return bench_video() ? KINDS : 1;
}


static unsigned up(void)
{
	unsigned i, n = 0;

	for (i=0; i<bench.n; i++)
		n += bench.callv[i].sip_ok && bench.callv[i].app_ok;

	return n;
}


static void finish(int err)
{
	run.err = err;
	re_cancel();
}


static int make_calls(void)
{
	const unsigned n = up();

	if (n + bench.fails >= bench.n)
		return 0;

	while (run.started < bench.n &&
	       run.started - n - bench.fails < run.setup->parallel) {

		struct call *call = &bench.callv[run.started];
		int err;

		call->idx = run.started;
		err = run.setup->call(call);
		if (err == EAGAIN)
			break;
		if (err) {
			(void)re_fprintf(stderr, "loadgen: call %u: %m\n",
					 run.started, err);
			return err;
		}
		++run.started;
		run.t_call = tmr_jiffies();
	}

	if (tmr_jiffies() > run.t_start + SETUP_MAX ||
	    (run.t_call && tmr_jiffies() > run.t_call + ONE_MAX)) {
		(void)re_fprintf(stderr, "loadgen: %u of %u calls came up\n",
				 n, bench.n);
		return ETIMEDOUT;
	}

	return EAGAIN;
}


static void measure_start(void)
{
	run.cpu0  = proc_cpu(bench.pid);
	run.own0  = proc_cpu(getpid());
	run.wall0 = now_ns();
	run.mem1  = proc_private(bench.pid);
}


static void measure_stop(void)
{
	run.cpu1  = proc_cpu(bench.pid);
	run.own1  = proc_cpu(getpid());
	run.wall1 = now_ns();
	run.mem2  = proc_private(bench.pid);
}


static void tick(void *arg)
{
	int err;
	(void)arg;

	switch (run.phase) {

	case PH_CALLS:
		err = make_calls();
		if (err == EAGAIN)
			break;
		if (!err && bench.fails)
			err = ECONNREFUSED;
		if (!err) {
			run.t_ready = tmr_jiffies();
			err = flow_start();
			if (!err)
				err = vflow_start();
		}
		if (err) {
			finish(err);
			return;
		}
		run.phase = PH_WARMUP;
		break;

	case PH_WARMUP:
		if (!flow_measuring())
			break;
		measure_start();
		run.phase = PH_MEASURE;
		break;

	case PH_MEASURE:
		if (!flow_done())
			break;
		measure_stop();
		flow_stop();
		vflow_stop();
		run.phase = PH_DRAIN;
		tmr_start(&run.tmr, 300, tick, NULL);
		return;

	case PH_DRAIN:
		finish(0);
		return;
	}

	tmr_start(&run.tmr, run.phase == PH_CALLS ? 5 : 20, tick, NULL);
}


/* Of a call with video it is the video's time; its audio is told besides */
static void print(void)
{
	const double wall = (double)(run.wall1 - run.wall0) / 1e9;
	const double cpu = 100 * (run.cpu1 - run.cpu0) / wall;
	struct result audio, video, *r = bench_video() ? &video : &audio;

	flow_result(&audio);
	if (bench_video())
		vflow_result(&video);

	(void)printf("{\"bench\":\"%s\",\"peer\":\"%s\",\"calls\":%u,"
		     "\"cpu_pct_per_call\":%.3f,\"p50_ms\":%.3f,"
		     "\"p99_ms\":%.3f,\"lost\":%lld,\"kb_per_call\":%.0f,"
		     "\"mode\":\"%s\",\"srtp\":\"%s\",\"from\":\"%s\","
		     "\"max_ms\":%.3f,\"sent\":%llu,",
		     run.name, run.setup->name, bench.n, cpu / bench.n,
		     lat_percentile(r->lat, .5), lat_percentile(r->lat, .99),
		     (long long)(r->sent - r->got),
		     run.mem0 > 0 ? (run.mem1 - run.mem0) / bench.n : 0,
		     modev[bench.mode], app_srtp_name(),
		     bench.from_app ? "app" : "phone",
		     lat_percentile(r->lat, 1),
		     (unsigned long long)r->sent);

	if (bench_video())
		(void)printf("\"per_second\":%.2f,\"audio_p99_ms\":%.3f,"
			     "\"audio_lost\":%lld,",
			     (double)video.got / bench.secs / bench.n / WAYS,
			     lat_percentile(audio.lat, .99),
			     (long long)(audio.sent - audio.got));

	(void)printf("\"cpu_pct\":%.1f,\"loadgen_cpu_pct\":%.1f,"
		     "\"kb_grown\":%.0f,\"setup_ms\":%llu,\"deaf\":%u,"
		     "\"secs\":%.1f}\n",
		     cpu, 100 * (run.own1 - run.own0) / wall,
		     run.mem2 - run.mem1,
		     (unsigned long long)(run.t_ready - run.t_start),
		     audio.deaf + (bench_video() ? video.deaf : 0), wall);
	(void)fflush(stdout);
}


static const struct option optv[] = {
	{"peer", 1, 0, 'p'}, {"bench", 1, 0, 'b'}, {"mode", 1, 0, 'm'},
	{"calls", 1, 0, 'n'}, {"secs", 1, 0, 's'}, {"cpu", 1, 0, 'c'},
	{"own-cpu", 1, 0, 'o'}, {"pid", 1, 0, 'P'},
	{"sip", 1, 0, 1}, {"api-url", 1, 0, 2}, {"chat-url", 1, 0, 3},
	{"chat-domain", 1, 0, 4}, {"app-id", 1, 0, 5},
	{"auth-key", 1, 0, 6}, {"ca-file", 1, 0, 7}, {"login", 1, 0, 8},
	{"password", 1, 0, 9}, {"ng", 1, 0, 10},
	{"sip2", 1, 0, 11}, {"login2", 1, 0, 12}, {"password2", 1, 0, 13},
	{"sip-port", 1, 0, 14}, {"ext", 1, 0, 15}, {"ext2", 1, 0, 16},
	{"cm", 0, 0, 'C'}, {"from-app", 0, 0, 'A'}, {"driven", 0, 0, 'D'},
	{0, 0, 0, 0}
};


static int parse(int argc, char *argv[])
{
	const char **optsv[] = {
		&options.sip, &options.api_url, &options.chat_url,
		&options.chat_domain, &options.app_id, &options.auth_key,
		&options.ca_file, &options.login, &options.password,
		&options.ng, &options.sip2, &options.login2,
		&options.password2, &options.sip_port, &options.ext,
		&options.ext2
	};
	const char *own = NULL;
	size_t i;
	int c;

	run.setup = &setup_limit;
	run.name  = "relay";

	while ((c = getopt_long(argc, argv, "", optv, NULL)) != -1) {

		switch (c) {

		case 'p':
			for (i=0; i<ARRAY_SIZE(setupv); i++) {
				if (!strcmp(setupv[i]->name, optarg))
					run.setup = setupv[i];
			}
			break;

		case 'm':
			for (i=0; i<ARRAY_SIZE(modev); i++) {
				if (!strcmp(modev[i], optarg))
					bench.mode = i;
			}
			break;

		case 'b': run.name   = optarg;       break;
		case 'n': bench.n    = atoi(optarg); break;
		case 's': bench.secs = atoi(optarg); break;
		case 'c': bench.cpu  = optarg;       break;
		case 'o': own        = optarg;       break;
		case 'P': bench.pid  = atoi(optarg); break;
		case 'C': bench.cm       = true;     break;
		case 'A': bench.from_app = true;     break;
		case 'D': run.driven     = true;     break;
		case '?': return EINVAL;
		default:  *optsv[c - 1] = optarg;    break;
		}
	}

	if (!bench.n || bench.n > CALL_MAX || !bench.secs)
		return EINVAL;

	if (bench.pid)
		(void)proc_pin(bench.pid, bench.cpu);

	return proc_pin(0, own);
}


static void measure(void)
{
	run.t_start = tmr_jiffies();
	tmr_start(&run.tmr, 1, tick, NULL);
	(void)re_main(NULL);

	if (!run.err)
		print();
}


static void flushed(void *arg)
{
	(void)arg;
	re_cancel();
}


int main(int argc, char *argv[])
{
	unsigned i;
	int err;

	(void)fd_setsize(16384);
	err = libre_init();
	if (!err)
		err = parse(argc, argv);
	if (!err)
		err = content_init();
	if (!err)
		err = vflow_init();
	if (!err)
		err = rtpsock_open();
	if (err)
		goto out;

	if (bench.pid)
		run.mem0 = proc_private(bench.pid);

	err = run.setup->start();
	if (err)
		goto out;

	tmr_init(&run.tmr);
	if (run.driven)
		driven_run(run.setup);
	else
		measure();
	err = run.err;

	for (i=0; i<bench.n; i++)
		(void)run.setup->hangup(&bench.callv[i]);

	tmr_start(&run.tmr, FLUSH, flushed, NULL);
	(void)re_main(NULL);
	tmr_cancel(&run.tmr);

	run.setup->stop();
	rtpsock_close();

 out:
	if (err)
		(void)re_fprintf(stderr, "loadgen: %m\n", err);
	libre_close();

	return err ? 1 : 0;
}
