/**
 * @file test_alarmletter.c  What is written of alarms, whatever bridges tell
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <jansson.h>
#include <re_types.h>
#include <re_fmt.h>
#include <re_list.h>
#include <re_mbuf.h>
#include <re_mem.h>
#include <re_tmr.h>
#include "base/text.h"
#include "connectycube_hub/hub.h"
#include "connectycube_hub/alarm/disk.h"
#include "connectycube_hub/alarm/letter.h"


static struct letter l;
static char text[65536];


static void add(const char *json)
{
	json_t *j = json_loads(json, 0, NULL);

	assert_non_null(j);
	assert_int_equal(0, letter_add(&l, j));
	json_decref(j);
}


static const char *written(void)
{
	struct mbuf *mb = mbuf_alloc(64);

	assert_int_equal(0, letter_write(mb, &l, "a@b,c", "host"));
	assert_true(mb->end < sizeof(text));
	memcpy(text, mb->buf, mb->end);
	text[mb->end] = '\0';
	mem_deref(mb);

	return text;
}


static bool utf8(const char *str)
{
	struct pl pl;

	pl_set_str(&pl, str);

	return text_is_utf8(&pl);
}


static int teardown(void **state)
{
	(void)state;
	letter_clear(&l);

	return 0;
}


/* No line of the mail is read otherwise than it is written */
static void test_turns(void **state)
{
	static const char *const badv[] = {
		"\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\x8f", "\xd8\x9c",
		"\xc2\x85", "\xe2\x80\xa8", "\xef\xbb\xbf", "\x1b", "\x7f",
	};
	char json[512];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(badv); i++) {

		json_t *j = json_pack("{si,ss,ss,ss,si}", "id", 1, "alarm",
				      "path_lost", "bridge", "b\xc3\xb6",
				      "text", badv[i], "since", 1);

		assert_non_null(j);
		assert_int_equal(0, letter_add(&l, j));
		json_decref(j);
		assert_null(strstr(written(), badv[i]));
		assert_non_null(strstr(text, "path_lost: ?"));
		assert_non_null(strstr(text, "b\xc3\xb6"));
		letter_clear(&l);
	}

	/* what is cut is not cut in a character */
	(void)re_snprintf(json, sizeof(json), "{\"id\":1,\"alarm\":\"x\","
			  "\"text\":\"");
	for (i=0; i<220; i++)
		(void)strcat(json, "\xc3\xb6");
	(void)strcat(json, "\"}");
	add(json);
	(void)written();
	assert_true(utf8(text));
}


static void test_written(void **state)
{
	(void)state;

	add("{\"id\":1,\"alarm\":\"cloud_refused\",\"bridge\":\"desk\","
	    "\"extension\":\"sip:1001@pbx\",\"text\":\"wrong password\","
	    "\"since\":1796058727379,\"cleared\":null}");
	add("{\"id\":2,\"alarm\":\"spool_disk\",\"bridge\":\"desk\","
	    "\"extension\":null,\"text\":null,\"since\":1796058727379,"
	    "\"cleared\":1796058787379}");
	assert_string_equal(
		"To: a@b,c\n"
		"Subject: [host] ConnectyCube bridge: alarms: 1 new, 1 over\n"
		"Auto-Submitted: auto-generated\n"
		"MIME-Version: 1.0\n"
		"Content-Type: text/plain; charset=utf-8\n"
		"Content-Transfer-Encoding: 8bit\n\n"
		"New alarms:\n"
		"  cloud_refused sip:1001@pbx: wrong password, bridge desk,"
		" since 2026-11-30 17:12:07 UTC\n\n"
		"Alarms that are over:\n"
		"  spool_disk (over), bridge desk, since 2026-11-30 17:12:07"
		" UTC, until 2026-11-30 17:13:07 UTC\n\n", written());
}


/* Of the hub itself, and no bridge */
static void test_hub(void **state)
{
	(void)state;

	add("{\"id\":3,\"alarm\":\"disk_full\",\"bridge\":null,"
	    "\"extension\":null,\"text\":\"less than 512 MB are free:"
	    " database\",\"since\":1796058727379,\"cleared\":null}");
	assert_non_null(strstr(written(), "  disk_full: less than 512 MB are"
			       " free: database, since 2026-11-30 17:12:07"
			       " UTC\n"));
}


/* Where there is less than is to be free, and when that is over */
static void test_disk(void **state)
{
	struct hub_disk v[HUB_DISKS] = {{0}};
	bool shortv[HUB_DISKS] = {false};
	(void)state;

	/* nothing is known of any */
	assert_false(diskalarm_text(text, sizeof(text), shortv, v, 8));
	assert_string_equal("", text);

	v[HUB_DISK_DB] = (struct hub_disk){1<<30, 8<<20};
	v[HUB_DISK_SPOOL] = (struct hub_disk){1<<30, 0};
	assert_true(diskalarm_text(text, sizeof(text), shortv, v, 8));
	assert_string_equal("less than 8 MB are free: spool of recordings",
			    text);

	--v[HUB_DISK_DB].free;
	assert_true(diskalarm_text(text, sizeof(text), shortv, v, 8));
	assert_string_equal("less than 8 MB are free: database, spool of"
			    " recordings", text);

	/* a little more is not enough: it would come and go */
	v[HUB_DISK_SPOOL].free = 1<<30;
	v[HUB_DISK_DB].free = (9<<20) - 1;
	assert_true(diskalarm_text(text, sizeof(text), shortv, v, 8));
	assert_string_equal("less than 8 MB are free: database", text);
	++v[HUB_DISK_DB].free;
	assert_false(diskalarm_text(text, sizeof(text), shortv, v, 8));
	assert_string_equal("", text);
}


/* Over before anybody was told: nothing. Its text is another: once */
static void test_flaps(void **state)
{
	(void)state;

	add("{\"id\":1,\"alarm\":\"one_way\"}");
	add("{\"id\":1,\"alarm\":\"one_way\",\"text\":\"again\"}");
	assert_int_equal(1, list_count(&l.linel));
	add("{\"id\":1,\"alarm\":\"one_way\",\"cleared\":5}");
	assert_true(letter_is_empty(&l));
	add("{\"id\":1,\"alarm\":\"one_way\",\"cleared\":5}");
	assert_false(letter_is_empty(&l));
}


static void test_whatever(void **state)
{
	char json[2048], longest[1024];
	size_t i;
	(void)state;

	/* no line of the head, none of the text */
	add("{\"id\":1,\"alarm\":\"a\\nBcc: x@y\",\"bridge\":\"b\\r\\n.\\r\\n\","
	    "\"extension\":\"e\\u001b[2J\",\"text\":\"t\\n\\nBcc: z\"}");
	assert_null(strstr(written(), "\nBcc"));
	assert_null(strchr(text, '\r'));
	assert_null(strchr(text, 0x1b));
	letter_clear(&l);

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (i=1; i<=LETTER_LINES + 7; i++) {
		(void)re_snprintf(json, sizeof(json), "{\"id\":%zu,\"alarm\":"
				  "\"path_lost\",\"text\":\"%s\"}", i,
				  longest);
		add(json);
	}
	assert_int_equal(LETTER_LINES, list_count(&l.linel));
	assert_non_null(strstr(written(), "... and 7 more.\n"));

	letter_clear(&l);
	add("{\"id\":\"x\",\"alarm\":7,\"since\":\"y\",\"cleared\":[]}");
	(void)written();
	assert_int_equal(EINVAL, letter_add(&l, NULL));
}


static void test_address(void **state)
{
	static const char *const goodv[] = {"root", "a@b", "a.b+c@d-e.example"};
	static const char *const badv[] = {"", "-a@b", "a b", "a@b\n", "<a@b>",
		"@b", "a@", "a,b", "a;b", "a@b\"", "|sh x", "\xc3\xa4@b"};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(goodv); i++)
		assert_true(letter_is_address(goodv[i], strlen(goodv[i])));
	for (i=0; i<ARRAY_SIZE(badv); i++)
		assert_false(letter_is_address(badv[i], strlen(badv[i])));
	assert_false(letter_is_address(NULL, 1));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_written, teardown),
		cmocka_unit_test_teardown(test_turns, teardown),
		cmocka_unit_test_teardown(test_hub, teardown),
		cmocka_unit_test(test_disk),
		cmocka_unit_test_teardown(test_flaps, teardown),
		cmocka_unit_test_teardown(test_whatever, teardown),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
