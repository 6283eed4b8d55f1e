/**
 * @file test_clifetch.c  cube: recordings into files, and how a call was heard
 */
#include <fcntl.h>
#include <sys/stat.h>
#include "cli_rig.h"

#define SUM "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct reply replyv[] = {
	{"/api/v1/cdr/one", 200, "{\"id\":\"one\",\"recordings\":[{\"id\":"
	 "\"r1\",\"state\":\"complete\",\"file\":\"2026/../a b\",\"sha256\":\""
	 SUM "\"}]}"},
	{"/api/v1/cdr/odd", 200, "{\"id\":\"odd\",\"recordings\":[{\"id\":"
	 "\"../x\",\"state\":\"complete\",\"file\":\"2026/.profile\"}]}"},
	{"/api/v1/cdr/two", 200, "{\"id\":\"two\",\"recordings\":[{\"id\":"
	 "\"ra\",\"state\":\"complete\",\"file\":\"x/--a.ogg\"},{\"id\":\"r2\","
	 "\"state\":\"complete\",\"file\":null},{\"id\":\"s\",\"state\":"
	 "\"complete\",\"file\":\"b.ogg\"}]}"},
	{"/api/v1/cdr?limit=200&id=od", 200, "{\"records\":[{\"id\":\"odd\"}]}"},
	{"/api/v1/cdr?limit=200&id=o", 200, "{\"records\":[{\"id\":\"one\"}]}"},
	{"/api/v1/cdr?limit=200&id=t", 200, "{\"records\":[{\"id\":\"two\"}]}"},
	{NULL, 0, NULL},
};

/** What the hub does, one after the other */
struct act {
	const char *text;       /**< More that comes                       */
	unsigned status;        /**< 0=the connection breaks then          */
};

static const struct act *actv;
static char dir[64];
static char log_[256];          /* from where on it was asked for */


static int fetch_handler(struct cli_answer *a, const char *path,
			 struct cli_part *part, void *arg)
{
	const size_t n = strlen(log_), len = strlen(actv->text);
	(void)arg;

	(void)re_snprintf(log_ + n, sizeof(log_) - n, "%s@%llu ",
			  strrchr(path, '/') + 1, part->have);

	if (actv->status == 200 && len)
		part->have = 0;
	assert_int_equal(len, pwrite(part->fd, actv->text, len,
				     (off_t)part->have));
	part->have += len;
	a->status = actv->status;
	a->exit = CLI_NOHUB;
	if (!a->status)
		(void)re_snprintf(a->why, sizeof(a->why), "it has gone");
	++actv;

	return 0;
}


static int setup(void **state)
{
	(void)state;

	log_[0] = '\0';
	(void)re_snprintf(dir, sizeof(dir), "/tmp/clifetch-XXXXXX");

	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}


static int teardown(void **state)
{
	char line[96];
	(void)state;

	(void)re_snprintf(line, sizeof(line), "rm -rf %s", dir);

	return chdir("/") || system(line);
}


/* With -o a, which is a file then */
static int fetch(const char *line, const struct act *v, const char *why)
{
	static struct rig rig;
	int status;

	log_[0] = '\0';
	actv = v;
	rig.fetchh = fetch_handler;
	status = run_line(&rig, line, replyv);
	if (!strstr(rig.wrong, why) || (!why[0] && rig.wrong[0]))
		fail_msg("%s: %s", line, rig.wrong);

	return status;
}


static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(0, fclose(f));
}


static void assert_file(const char *name, const char *text)
{
	char buf[64] = "";
	FILE *f = fopen(name, "r");

	if (!text) {
		assert_null(f);
		return;
	}

	assert_non_null(f);
	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	(void)fclose(f);
	assert_string_equal(text, buf);
}


static void test_fetch(void **state)
{
	static const struct act whole[] = {{"hello", 200}};
	static const struct act broken[] = {
		{"he", 0}, {"", 0}, {"l", 0}, {"lo", 206}};
	static const struct act gone[] = {{"he", 0}, {"", 0}, {"", 0}, {"", 0}};
	static const struct act rest[] = {{"llo", 206}};
	(void)state;

	assert_int_equal(CLI_OK, fetch("fetch o -o a", whole, ""));
	assert_file("a", "hello");
	assert_int_equal(CLI_WRONG, fetch("fetch o -o a", whole,
					  "a: is there already"));
	assert_string_equal("", log_);

	assert_int_equal(CLI_OK, fetch("fetch o -o b", broken, ""));
	assert_string_equal("r1@0 r1@2 r1@2 r1@3 ", log_);
	assert_file("b", "hello");

	assert_int_equal(CLI_NOHUB, fetch("fetch o -o c", gone,
					  "it has gone; say it again"));
	assert_file("c", NULL);
	assert_file("c.part", "he");
	assert_int_equal(CLI_OK, fetch("fetch o -o c", rest, ""));
	assert_string_equal("r1@2 ", log_);
	assert_file("c", "hello");
	assert_file("c.part", NULL);
}


/* What was there is of something else, or what comes is */
static void test_wrong_sum(void **state)
{
	static const struct act again[] = {{"llo", 206}, {"hello", 200}};
	static const struct act more[] = {{"", 416}, {"hello", 200}};
	static const struct act other[] = {{"hallo", 200}};
	static const struct act never[] = {{"hal", 206}, {"hallo", 200}};
	(void)state;

	put("a.part", "xx");
	assert_int_equal(CLI_OK, fetch("fetch o -o a", again, ""));
	assert_string_equal("r1@2 r1@0 ", log_);
	assert_file("a", "hello");

	put("b.part", "much more than that");
	assert_int_equal(CLI_OK, fetch("fetch o -o b", more, ""));
	assert_file("b", "hello");

	assert_int_equal(CLI_PROTOCOL, fetch("fetch o -o c", other,
					     "is not what was recorded"));
	assert_file("c", NULL);
	assert_file("c.part", NULL);
	put("d.part", "x");
	assert_int_equal(CLI_PROTOCOL, fetch("fetch o -o d", never,
					     "is not what was recorded"));
	assert_file("d.part", NULL);
}


static void test_names(void **state)
{
	static const struct act whole[] = {{"hello", 200}, {"hello", 200}};
	(void)state;

	/* a name that could do harm is none */
	assert_int_equal(CLI_OK, fetch("fetch o", whole, ""));
	assert_file("recording-r1", "hello");
	assert_int_equal(CLI_PROTOCOL, fetch("fetch od", whole,
					     "no name for it that can be"));
	assert_int_equal(CLI_WRONG, fetch("fetch t", whole,
					  "r2: has no file yet"));
	assert_string_equal("ra@0 s@0 ", log_);
	assert_file("recording-ra", "hello");
	assert_file("b.ogg", "hello");
	assert_int_equal(CLI_WRONG, fetch("fetch t r -o z", whole,
					  "t: has 2 recordings"));
	assert_int_equal(CLI_WRONG, fetch("fetch t q", whole,
					  "t: has no such recording"));
	assert_int_equal(CLI_OK, fetch("fetch t s -o z", whole, ""));
	assert_file("z", "hello");

	/* nor is what is no file */
	assert_int_equal(0, symlink("/dev/null", "l.part"));
	assert_int_equal(CLI_IO, fetch("fetch o -o l", whole, "l.part: "));
	assert_int_equal(0, mkfifo("p.part", 0600));
	assert_int_equal(CLI_IO, fetch("fetch o -o p", whole, "p.part: "));
	assert_int_equal(CLI_IO, fetch("fetch o -o no/x", whole,
				       "no/x.part: No such file"));
}


static void test_timeline(void **state)
{
	static const struct reply v[] = {
		{"/api/v1/cdr/one/timeline", 200, "{\"id\":\"one\",\"times\":["
		 "1796056681588,1796056683588,1796056685588],\"legs\":[{"
		 "\"side\":\"app\",\"mos\":[4.4,2.04,null],\"lost\":[0,20,null],"
		 "\"jitter_ms\":[1,2,3],\"rtt_ms\":[null,null,null],"
		 "\"level_dbov\":[-70,-20,-127]},{\"side\":\"\\u001b[2J\","
		 "\"mos\":\"x\"}]}"},
		{"/api/v1/cdr?", 200, "{\"records\":[{\"id\":\"one\"}]}"},
		{NULL, 0, NULL}};
	static const struct reply none[] = {
		{"/api/v1/cdr/one/timeline", 200, "{}"},
		{"/api/v1/cdr?", 200, "{\"records\":[{\"id\":\"one\"}]}"},
		{NULL, 0, NULL}};
	static struct rig rig;
	(void)state;

	run_well(&rig, "timeline o", v);
	assert_string_equal(
		"record      one\n"
		"measured    16:38:01 to 16:38:05, 3 times\n\n"
		"PARTY  WHAT    MEAN, OR ALL     WORST  AT        IN TIME\n"
		"app    MOS              3.2       2.0  16:38:03  \xe2\x96\x87"
		"\xe2\x96\x83.\n"
		"app    lost              20        20  16:38:03  \xe2\x96\x81"
		"\xe2\x96\x88.\n"
		"app    jitter        2.0 ms    3.0 ms  16:38:05  \xe2\x96\x81"
		"\xe2\x96\x81\xe2\x96\x82\n"
		"app    level       -72.3 dB  -20.0 dB  16:38:03  \xe2\x96\x81"
		"\xe2\x96\x86\xe2\x96\x81\n", rig.said);
	run_well(&rig, "timeline o", none);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fetch, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_sum, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test(test_timeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
