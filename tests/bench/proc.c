/**
 * @file tests/bench/proc.c  What a process costs: CPU and memory
 */
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <re.h>
#include "bench.h"


/* CPU time of all threads in /proc/PID/task/N/schedstat, which counts
   nanoseconds, not ticks [s] */
double proc_cpu(pid_t pid)
{
	char path[300];
	struct dirent *de;
	double sum = 0;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);

	while (dir && (de = readdir(dir))) {

		unsigned long long ns;
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat",
			       (int)pid, de->d_name);
		f = de->d_name[0] == '.' ? NULL : fopen(path, "r");
		if (!f)
			continue;

		if (fscanf(f, "%llu", &ns) == 1)
			sum += (double)ns / 1e9;
		(void)fclose(f);
	}

	if (dir)
		(void)closedir(dir);

	return sum;
}


/* Sum of the fields of smaps_rollup that begin like this [kB] */
static double rollup(pid_t pid, const char *name)
{
	char path[64], line[200];
	double sum = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
	f = fopen(path, "r");

	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			sum += atof(strchr(line, ':') + 1);
	}

	if (f)
		(void)fclose(f);

	return sum;
}


double proc_pss(pid_t pid)
{
	return rollup(pid, "Pss:");
}


double proc_private(pid_t pid)
{
	/* what is clean is files, private or not by who else runs them */
	return rollup(pid, "Private_Dirty:");
}


int proc_pin(pid_t pid, const char *cpu)
{
	cpu_set_t set;

	if (!cpu)
		return 0;

	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);

	return sched_setaffinity(pid, sizeof(set), &set) ? errno : 0;
}
