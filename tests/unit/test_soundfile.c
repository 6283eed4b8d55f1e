/**
 * @file test_soundfile.c  A file that is played, and is read again
 */
#include "file_rig.h"
#include "audio/sound.h"
#include "audio/soundfile.h"


enum {
	TIMEOUT = 20000,        /**< [ms]                                  */
};

static struct {
	unsigned n;             /**< How often it was read                 */
	uint32_t ms;            /**< How long it is, 0=unusable            */
	bool again;
	char why[128];
} rd;


static void file_handler(struct sound *s, const char *why, bool again,
			 void *arg)
{
	(void)arg;

	++rd.n;
	rd.ms    = s ? sound_ms(s) : 0;
	rd.again = again;
	str_ncpy(rd.why, why, sizeof(rd.why));
}


/* So many ms of silence, 8 kHz, 8 bits */
static void write_wav(unsigned ms)
{
	static const char head[] = "RIFF\0\0\0\0WAVEfmt \20\0\0\0\1\0\1\0"
		"\100\37\0\0\100\37\0\0\1\0\10\0data";
	static char buf[44 + 8 * 1000];
	const uint32_t len = 8 * ms;

	assert_int_equal(sizeof(head), 41);
	assert_true(44 + len <= sizeof(buf));
	memset(buf, 0x80, sizeof(buf));
	memcpy(buf, head, 40);
	buf[40] = (char)(len & 0xff);
	buf[41] = (char)(len >> 8);
	buf[42] = buf[43] = 0;
	write_file("a.wav", buf, 44 + len);
}


static bool was_read(void *arg)
{
	return rd.n >= *(unsigned *)arg;
}


static void wait_read(unsigned n)
{
	assert_true(tu_wait(was_read, &n, TIMEOUT));
	assert_int_equal(rd.n, n);
}


static struct soundfile *open_file(void)
{
	struct soundfile *sf;

	memset(&rd, 0, sizeof(rd));
	assert_int_equal(0, soundfile_alloc(&sf, in_dir("a.wav"),
					    file_handler, NULL));
	assert_int_equal(rd.n, 1);
	assert_false(rd.again);

	return sf;
}


static void test_again(void **state)
{
	struct soundfile *sf;
	(void)state;

	/* it may come later */
	(void)unlink(in_dir("a.wav"));
	sf = open_file();
	assert_int_equal(rd.ms, 0);
	assert_string_not_equal(rd.why, "");
	soundfile_reload();
	write_wav(100);
	soundfile_reload();
	wait_read(2);
	assert_int_equal(rd.ms, 100);
	assert_true(rd.again);

	/* only if it has changed */
	soundfile_reload();
	write_wav(200);
	soundfile_reload();
	wait_read(3);
	assert_int_equal(rd.ms, 200);

	write_file("a.wav", "RIFF", 4);
	soundfile_reload();
	wait_read(4);
	assert_int_equal(rd.ms, 0);
	assert_string_not_equal(rd.why, "");
	mem_deref(sf);

	assert_int_equal(soundfile_alloc(NULL, "x", file_handler, NULL),
			 EINVAL);
	assert_int_equal(soundfile_alloc(&sf, NULL, file_handler, NULL),
			 EINVAL);
	assert_int_equal(soundfile_alloc(&sf, "x", NULL, NULL), EINVAL);
}


/* It changes once more, or nobody wants it any more, while it is read */
static void test_meanwhile(void **state)
{
	struct soundfile *sf, *other;
	(void)state;

	write_wav(100);
	sf = open_file();
	write_wav(200);
	soundfile_reload();
	write_wav(300);
	soundfile_reload();
	wait_read(2);
	assert_int_equal(rd.ms, 300);

	other = open_file();
	write_wav(400);
	soundfile_reload();
	mem_deref(sf);
	wait_read(2);
	assert_int_equal(rd.ms, 400);

	write_wav(500);
	soundfile_reload();
	mem_deref(other);
	assert_int_equal(rd.n, 2);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_again, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_meanwhile, fr_setup,
						fr_teardown),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
