/**
 * @file test_vstill_file.c  Still pictures: files
 */
#include "vstill_rig.h"


/* The first one at once, the next ones twice a second */
static void test_png(void **state)
{
	uint64_t t;
	(void)state;

	write_png("a", 640, 480);
	t = tmr_jiffies();
	begin("a");
	wait_frames(1);
	assert_int_equal(1, rig.keys);
	assert_in_range(rig.first, 0, 45000);
	assert_int_equal(640, rig.w);
	assert_int_equal(480, rig.h);
	/* studio range: 128 of 255 is 126 */
	assert_in_range(rig.shade, 120, 132);

	wait_frames(3);
	assert_int_equal(1, rig.keys);
	/* the clock is the wall's, however late this process is run */
	assert_in_range(rig.ts - rig.first, 85000,
			90 * (tmr_jiffies() - t + 10));
	assert_int_equal(1, fake_state().encoders);
	assert_int_equal(2, fake_state().fps);
}


static void test_jpeg(void **state)
{
	(void)state;

	write_picture("a", AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, 800, 600);
	begin("a");
	wait_frames(1);
	assert_int_equal(800, rig.w);
	assert_in_range(rig.shade, 120, 132);
}


static void check(int err, const char *name, const char *part)
{
	char why[128] = "?";

	assert_int_equal(err, vstill_check(path(name), why, sizeof(why)));

	if (err)
		assert_non_null(strstr(why, part));
	else
		assert_string_equal("", why);
}


static void test_check(void **state)
{
	static const char text[] = "#EXTM3U\nfile:/etc/passwd\n";
	static const char ffconcat[] = "ffconcat version 1.0\nfile b\n";
	static const char svg[] = "<svg xmlns='http://www.w3.org/2000/svg'/>";
	uint8_t png[4096];
	struct stat st;
	FILE *f;
	size_t n;
	(void)state;

	write_png("a", 64, 64);
	check(0, "a", NULL);
	write_picture("b", AV_CODEC_ID_MJPEG, AV_PIX_FMT_YUVJ420P, 64, 64);
	check(0, "b", NULL);

	check(ENOENT, "missing", "No such file");
	check(ENOENT, ".", "not a file");
	write_file("b", "", 0);
	check(ENOENT, "b", "empty");
	write_file("b", text, sizeof(text));
	check(EBADMSG, "b", "not a PNG or JPEG");
	write_file("b", ffconcat, sizeof(ffconcat));
	check(EBADMSG, "b", "not a PNG or JPEG");
	write_file("b", svg, sizeof(svg));
	check(EBADMSG, "b", "not a PNG or JPEG");

	/* cut off, at every place */
	assert_int_equal(0, stat(path("a"), &st));
	assert_true(st.st_size < (off_t)sizeof(png));
	f = fopen(path("a"), "r");
	assert_non_null(f);
	assert_int_equal(st.st_size, fread(png, 1, sizeof(png), f));
	fclose(f);

	for (n=1; n<40; n++) {
		write_file("b", png, n);
		check(EBADMSG, "b", "not a PNG or JPEG");
	}

	/* one that says it is enormous */
	png[16] = png[20] = 0x00;
	png[17] = png[21] = 0x40;
	write_file("b", png, st.st_size);
	check(EBADMSG, "b", "too large");

	f = fopen(path("b"), "w");
	assert_non_null(f);
	assert_int_equal(0, ftruncate(fileno(f), VPICTURE_FILE_MAX + 1));
	fclose(f);
	check(ENOENT, "b", "larger than 8 MB");
}


static void test_bad_file(void **state)
{
	(void)state;

	write_file("a", "no picture", 10);
	begin("a");
	tu_run(700);
	assert_int_equal(0, rig.frames);
	assert_int_equal(0, fake_state().encoders);
}
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_png), TEST(test_jpeg), TEST(test_check),
		TEST(test_bad_file),
	};

	av_log_set_level(AV_LOG_QUIET);
	vav_set(&connectycube_av);

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
