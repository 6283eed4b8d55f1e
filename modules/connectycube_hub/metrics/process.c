/**
 * @file connectycube_hub/metrics/process.c
 * The hub's process, as the kernel sees it
 *
 * What cannot be read is left away.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/resource.h>
#include <re.h>
#include "registry.h"
#include "families.h"
#include "metrics.h"


/** Fields of /proc/self/stat behind the name (proc(5)) */
enum {
	STAT_UTIME = 11,        /**< [ticks]                               */
	STAT_STIME = 12,
	STAT_START = 19,        /**< Since the boot [ticks]                */
	STAT_VSIZE = 20,        /**< [bytes]                               */
	STAT_RSS   = 21,        /**< [pages]                               */
	STAT_FIELDS,
};


static int read_file(char *buf, size_t size, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return ENOENT;

	n = fread(buf, 1, size - 1, f);
	buf[n] = '\0';
	(void)fclose(f);

	return n ? 0 : EIO;
}


/* The name may have blanks and brackets in it */
static int read_stat(double *v)
{
	char buf[1024], *p;
	size_t i;
	int err;

	err = read_file(buf, sizeof(buf), "/proc/self/stat");
	if (err)
		return err;

	p = strrchr(buf, ')');
	if (!p || p[1] != ' ')
		return EBADMSG;
	p += 2;

	for (i=0; i<STAT_FIELDS; i++) {

		struct pl pl = {p, strcspn(p, " \n")};

		v[i] = (double)pl_u64(&pl);
		p += pl.l + (p[pl.l] != '\0');
	}

	return 0;
}


/* When the host was started, since 1970 [s], 0=not known */
static double boot_time(void)
{
	static const char key[] = "\nbtime ";
	static double known;
	char line[256];
	FILE *f;

	if (known > 0)
		return known;

	f = fopen("/proc/stat", "re");
	while (f && known <= 0 && fgets(line, sizeof(line), f)) {

		unsigned long long t;

		if (!strncmp(line, key + 1, strlen(key) - 1) &&
		    sscanf(line + strlen(key) - 1, "%llu", &t) == 1)
			known = (double)t;
	}
	if (f)
		(void)fclose(f);

	return known;
}


static double count_fds(void)
{
	struct dirent *de;
	double n = 0;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	while (dir && (de = readdir(dir)))
		n += de->d_name[0] != '.';
	if (dir)
		(void)closedir(dir);

	/* but for the one that this takes */
	return n > 0 ? n - 1 : 0;
}


/**
 * Set what is of the process
 *
 * @param m   Registry
 * @param now Time [ms]
 */
void metrics_process(struct metrics *m, uint64_t now)
{
	const double tick = (double)sysconf(_SC_CLK_TCK);
	const double page = (double)sysconf(_SC_PAGESIZE);
	double v[STAT_FIELDS], boot = boot_time();
	struct rlimit rl;

	if (!read_stat(v) && tick > 0) {
		metrics_set(m, MET_PROC_CPU, NULL,
			    (v[STAT_UTIME] + v[STAT_STIME]) / tick, now);
		metrics_set(m, MET_PROC_RESIDENT, NULL, v[STAT_RSS] * page,
			    now);
		metrics_set(m, MET_PROC_VIRTUAL, NULL, v[STAT_VSIZE], now);
		if (boot > 0)
			metrics_set(m, MET_PROC_START, NULL,
				    boot + v[STAT_START] / tick, now);
	}

	metrics_set(m, MET_PROC_FDS, NULL, count_fds(), now);

	if (!getrlimit(RLIMIT_NOFILE, &rl) && rl.rlim_cur != RLIM_INFINITY)
		metrics_set(m, MET_PROC_FDS_MAX, NULL, (double)rl.rlim_cur,
			    now);
}
