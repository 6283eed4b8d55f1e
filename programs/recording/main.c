/**
 * @file main.c  connectycube-recording: a recording's raw file -> one that plays
 *
 *     connectycube-recording finish --format ogg --out FILE RAW
 *     connectycube-recording info RAW
 *
 * A program of its own, which the hub runs as a child: what libav does with
 * what came over a network is nobody else's trouble.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_mem.h>
#include <re_mbuf.h>
#include <libavutil/log.h>
#include "recording.h"
#include "output.h"


static const char help[] =
"usage: connectycube-recording finish [OPTION]... RAW\n"
"       connectycube-recording info RAW\n"
"\n"
"finish makes a file that plays of RAW, which a bridge has written, and\n"
"tells of it by a line of JSON. info prints what is in RAW.\n"
"\n"
"  --format FORMAT  ogg (Opus), wav, m4a (AAC), mp4 or webm; ogg by\n"
"                   default, with pictures mp4 or webm, whichever holds\n"
"                   them as they are\n"
"  --side-by-side   both parties' pictures in one\n"
"  --out FILE       where to; beside RAW by default. A file that is\n"
"                   there is never written over\n"
"\n"
"Exit status: 0 done, 64 wrong arguments, 65 RAW is damaged beyond use,\n"
"66 RAW cannot be read, 70 what is asked for cannot be made, 73 FILE\n"
"cannot be written, 75 RAW is still being written.\n";


static int complain(int status, const char *what, const char *why)
{
	(void)fprintf(stderr, "connectycube-recording: %s%s%s\n", what,
		      what[0] ? ": " : "", why);

	return status;
}


static int raw_status(int err)
{
	switch (err) {

	case EWOULDBLOCK: return EX_TEMPFAIL;
	case EBADMSG:
	case EPROTO:      return EX_DATAERR;
	case ENOMEM:      return EX_SOFTWARE;
	default:          return EX_NOINPUT;
	}
}


static int out_status(int err)
{
	return err == ENOMEM || err == ENOTSUP || err == EBADMSG
		? EX_SOFTWARE : EX_CANTCREAT;
}


static int finish(const struct rec *rec, struct rec_args *args)
{
	const struct rec_container *c;
	struct rec_result res = {0};
	char name[4096], why[512] = "";
	json_t *o = NULL;
	int err;

	if (rec_container_for(&c, rec, args))
		return complain(EX_SOFTWARE, "", "out of memory");

	if (!args->out) {
		if (rec_out_name(name, sizeof(name), args->raw, c->name))
			return complain(EX_CANTCREAT, args->raw,
					"its name is too long");
		args->out = name;
	}

	err = rec_finish(&res, rec, args, c, why, sizeof(why));
	if (!err)
		o = rec_report(rec, &res);
	if (o) {
		(void)json_dumpf(o, stdout, JSON_COMPACT);
		(void)printf("\n");
	}
	json_decref(o);
	json_decref(res.video);

	if (err)
		return complain(out_status(err), "", why[0] ? why
				: strerror(err));

	return !o || fflush(stdout) ? EX_SOFTWARE : 0;
}


int main(int argc, char *argv[])
{
	struct rec_file *f = NULL;
	struct rec_args args;
	char why[512] = "";
	int err, status;

	av_log_set_level(AV_LOG_FATAL);

	if (rec_args_read(&args, argc, argv, why, sizeof(why))) {
		status = complain(EX_USAGE, "", why);
		(void)fprintf(stderr, "%s", help);
		return status;
	}
	if (args.verb == REC_HELP)
		return printf("%s", help) < 0 ? EX_IOERR : 0;

	err = rec_file_open(&f, args.raw, why, sizeof(why));
	if (err)
		return complain(raw_status(err), args.raw, why[0] ? why
				: strerror(err));

	if (args.verb == REC_INFO)
		status = re_printf("%H", rec_info, rec_file_rec(f)) < 0
			? EX_IOERR : 0;
	else
		status = finish(rec_file_rec(f), &args);

	mem_deref(f);

	return status;
}
