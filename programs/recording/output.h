/**
 * @file output.h  The finished file: what is asked for, libav's part of it, its
 *                 place
 */

#include "base/filesum.h"

struct AVFormatContext;
struct AVPacket;
struct json_t;


/*
 * args.c: what is asked for
 */

/** What is to be done */
enum rec_verb {
	REC_HELP,
	REC_FINISH,
	REC_INFO,
};

/** What is asked for */
struct rec_args {
	enum rec_verb verb;
	const char *raw;        /**< The raw file (pointer)                */
	const char *out;        /**< Where to (pointer), NULL=beside it    */
	const char *format;     /**< (pointer), NULL=by what is in it      */
	bool beside;            /**< Pictures side by side                 */
};

int rec_args_read(struct rec_args *a, int argc, char *const argv[], char *why,
		  size_t size);
int rec_out_name(char *name, size_t size, const char *raw, const char *ext);


/*
 * mux.c
 */

/** A format of files */
struct rec_container {
	const char *name;       /**< Also the end of a file's name         */
	const char *muxer;      /**< libav's name                          */
	const char *audio;      /**< Encoder of sound                      */
	bool video;             /**< There may be pictures                 */
	const char *flags;      /**< movflags, NULL=none                   */
};

struct rec_mux;

const struct rec_container *rec_container_find(const char *name);
int  rec_av_error(char *why, size_t size, const char *what, int e);
int  rec_mux_alloc(struct rec_mux **mp, const struct rec_container *c,
		   const char *path, char *why, size_t size);
struct AVFormatContext *rec_mux_context(const struct rec_mux *m);
int  rec_mux_begin(struct rec_mux *m, const struct rec_container *c, char *why,
		   size_t size);
int  rec_mux_put(struct rec_mux *m, struct AVPacket *pkt, char *why,
		 size_t size);
int  rec_mux_end(struct rec_mux *m, char *why, size_t size);


/*
 * audioout.c
 */

struct rec_audioout;

int    rec_audioout_alloc(struct rec_audioout **ap, const struct rec *rec,
			  struct rec_mux *mux, const struct rec_container *c,
			  char *why, size_t size);
int    rec_audioout_step(struct rec_audioout *a, char *why, size_t size);
double rec_audioout_time(const struct rec_audioout *a);
void   rec_audioout_loss(const struct rec_audioout *a, struct rec_loss *loss);


/*
 * place.c: a file is there when it is whole, or not at all
 */

struct rec_place;

int rec_place_alloc(struct rec_place **pp, const char *path, char *why,
		    size_t size);
const char *rec_place_tmp(const struct rec_place *p);
int rec_place_done(struct rec_place *p, uint64_t *bytes,
		   char sha256[FILESUM_SIZE], char *why, size_t size);


/*
 * finish.c, report.c
 */

/** What has become of it */
struct rec_result {
	const char *file;       /**< (pointer)                             */
	const char *format;     /**< (pointer)                             */
	uint64_t bytes;
	char sha256[FILESUM_SIZE];
	struct rec_loss loss;
	struct json_t *video;   /**< (owner), NULL=none                    */
};

int rec_finish(struct rec_result *res, const struct rec *rec,
	       const struct rec_args *args, const struct rec_container *c,
	       char *why, size_t size);
int rec_container_for(const struct rec_container **cp, const struct rec *rec,
		      const struct rec_args *args);
struct json_t *rec_report(const struct rec *rec,
			  const struct rec_result *res);
int rec_info(struct re_printf *pf, const struct rec *rec);
