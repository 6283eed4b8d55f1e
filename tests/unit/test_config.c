/**
 * @file test_config.c  The configuration: every mistake has its line
 */
#include "file_rig.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "base/text.h"
#include "config/conftext.h"
#include "config/config.h"


#define REQUIRED \
	"connectycube_api_url https://api.example.com\n" \
	"connectycube_chat_url wss://chat.example.com:5291/\n" \
	"connectycube_app_id 1\n" \
	"connectycube_auth_key SECRET\n"


static int read_text(struct bridge_config **cfgp, const char *text)
{
	write_file("config", text, strlen(text));

	return config_read(cfgp, fr.dir);
}


static void test_defaults(void **state)
{
	struct bridge_config *cfg;
	(void)state;

	assert_int_equal(read_text(&cfg, REQUIRED), 0);
	assert_string_equal(fr.log, "");

	assert_string_equal(cfg->api_url, "https://api.example.com");
	assert_string_equal(cfg->auth_key, "SECRET");
	assert_null(cfg->auth_secret);
	assert_string_equal(cfg->users, in_dir("users"));
	assert_int_equal(cfg->ring_time, 60);
	assert_int_equal(cfg->policy, POLICY_OPUS);
	assert_int_equal(cfg->inband, INBAND_AUTO);
	assert_false(cfg->chat_token);
	assert_true(cfg->video);
	assert_int_equal(cfg->vcodecc, 3);
	assert_int_equal(cfg->vprm.bitrate_max, 2000000);
	assert_int_equal(cfg->vprm.bitrate_start, 600000);
	assert_int_equal(cfg->vprm.width_max, 1280);
	assert_int_equal(cfg->peer.gather_max, 2000);
	assert_int_equal(cfg->peer.serverc, 0);
	mem_deref(cfg);
}


/* as baresip reads it: blanks, CRLF, comments, upper case, its own keys */
static void test_forms(void **state)
{
	struct bridge_config *cfg;
	(void)state;

	assert_int_equal(read_text(&cfg, "\r\n# connectycube_ping x\r\n"
			"  connectycube_api_url\t http://127.0.0.1:1\r\n"
			"connectycube_chat_url ws://[::1]:2/chat\n"
			"CONNECTYCUBE_APP_ID 1 # ours\n"
			"connectycube_auth_key K#1\n"
			"sip_trans_bsize 128\nmodule opus.so extra\n"
			"video_size 640x480\n"
			"connectycube_codec_policy Relay\n"
			"connectycube_chat_password token\n"
			"connectycube_dtmf_sip info-dtmf\n"
			"connectycube_video_codecs vp8,H264,VP8\n"
			"connectycube_ice_server stun:h:1\n"
			"connectycube_ice_server turn:h;user=u;pass=p=1\n"
			"connectycube_ice_bind ::1\n"
			"connectycube_users /u"), 0);
	assert_string_equal(fr.log, "");

	assert_string_equal(cfg->auth_key, "K#1");
	assert_int_equal(cfg->ring_time, 60);
	assert_int_equal(cfg->policy, POLICY_RELAY);
	assert_int_equal(cfg->dtmf_sip, DTMF_INFO_PLAIN);
	assert_true(cfg->chat_token);
	assert_int_equal(cfg->vcodecc, 2);
	assert_int_equal(cfg->vcodecv[0], VIDEO_VP8);
	assert_int_equal(cfg->peer.serverc, 2);
	assert_string_equal(cfg->serverv[1].user, "u");
	assert_string_equal(cfg->serverv[1].pass, "p=1");
	assert_string_equal(cfg->peer.bind, "::1");
	assert_string_equal(cfg->users, "/u");
	mem_deref(cfg);
}


/* what follows REQUIRED, which ends in line 4, and what is said of it */
static const struct {
	const char *text;
	const char *said;
} wrongv[] = {
	{"connectycube_ring_tme 5", "5: unknown key connectycube_ring_tme:"
	 " is connectycube_ring_time meant?"},
	{"connectycube_rign_time 5", "is connectycube_ring_time meant?"},
	{"video_size 640x480\nring_time 5", "6: unknown key ring_time: is"
	 " connectycube_ring_time meant?\n"},
	{"Max_Calls 5", "is connectycube_max_calls meant?\n"},
	{"connectycube_hold_music tune", "5:"
	 " connectycube_hold_music: tone, silence, or a file; cannot read"
	 " tune: No such"},
	{"connectycube_video_avatar /nowhere/a.png", "5:"
	 " connectycube_video_avatar: cannot read /nowhere/a.png: No such"},
	{"connectycube_colour blue", "unknown key connectycube_colour\n"},
	{"conectycube_ping 5", "unknown key conectycube_ping:"
	 " is connectycube_ping meant?"},
	{"connectycube_auth_key_fil /x", "is connectycube_auth_key meant?"},
	{"connectycube_ping_file /x", "unknown key connectycube_ping_file"},
	{"connectycube_auth_secret=PW", "5: not of the form KEY VALUE"},
	{"connectycube_auth_secret:PW x", "5: not of the form KEY VALUE"},
	{"connectycube_ping 1\n\n#\nconnectycube_ping 1",
	 "8: connectycube_ping: stands in line 5 already"},
	{"connectycube_auth_key_env HOME", "5: connectycube_auth_key: stands"
	 " in line 4 already"},
	{"connectycube_ping", "5: connectycube_ping: has no value"},
	{"connectycube_ping 5 s", "5: connectycube_ping: more than one"},
	{"connectycube_ping 3601", "'3601' is not a number from 0 to 3600"},
	{"connectycube_ping -1", "is not a number"},
	{"connectycube_ping 4294967297", "is not a number"},
	{"connectycube_loopback 1", "is not yes or no"},
	{"connectycube_redirect yes", "'yes' is not domain, any, no, or names"},
	{"connectycube_dtmf_sip inf", "'inf' is not auto, rtp, info or"
	 " info-dtmf"},
	{"connectycube_chat_password x", "is not user or token"},
	{"connectycube_rtp_timeout_app 9", "is not 0, or a number from 10"},
	{"connectycube_ice_ports 20000-29999x", "is not MIN-MAX"},
	{"connectycube_ice_ports 2000-1999", "is not a range"},
	{"connectycube_ice_bind eth0", "is not an IP address"},
	{"connectycube_ice_server http://h", "is not a STUN or TURN URI"},
	{"connectycube_ice_server turn:h", "5: connectycube_ice_server: a"
	 " TURN server wants ;user="},
	{"connectycube_ice_server turn:h;user=u", "wants ;user="},
	{"connectycube_ice_server turns:h;pass=PW", "wants ;user="},
	{"connectycube_ice_server turn:h;username=u;pass=PW", "unknown"
	 " parameter ;username"},
	{"connectycube_ice_server turn:h;user=u;paas=PW", "unknown parameter"
	 " ;paas: is ;pass= meant?"},
	{"connectycube_ice_server turn:h;user=u;pass:PW", "5:"
	 " connectycube_ice_server: a parameter is not of the form ;name="},
	{"connectycube_ice_server turn:u:PW@h:1", "a URI without '@'"},
	{"connectycube_ice_server turn:h;user=u;pass=PW;PW=PW", "unknown"
	 " parameter behind ;pass="},
	{"connectycube_ice_server turn:h;user=u;pass=PW;pass=PW", "twice"},
	{"connectycube_ice_server turn:h;user=u;pass=PW;pass_env=HOME",
	 "is given twice"},
	{"connectycube_ice_server turn:h ;user=u;pass=PW", "more than one"},
	{"connectycube_video_codecs H264,AV1", "'AV1' is not H264, VP8"},
	{"connectycube_ca_file /nowhere/ca.pem", "5: connectycube_ca_file:"
	 " cannot read /nowhere/ca.pem: No such file"},
	{"connectycube_ca_file /tmp", "cannot read /tmp: Is a directory"},
	{"connectycube_ca_file /dev/null", "cannot read /dev/null: No data"},
	{"connectycube_ca_file /etc/passwd", "holds no certificate in PEM"},
	{"connectycube_ice_ca_file /nowhere/ca.pem",
	 "connectycube_ice_ca_file: cannot read /nowhere/ca.pem"},
	{"connectycube_chat_domain caf\xe9", "is not UTF-8 (Latin-1?)"},
	{"connectycube_retry_min 60\nconnectycube_retry_max 10",
	 "5: connectycube_retry_min: 60 is more than connectycube_retry_max"
	 " (10)\n"},
};


static void test_wrong(void **state)
{
	struct bridge_config *cfg = NULL;
	char text[1024];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(wrongv); i++) {

		const char *line;

		(void)re_snprintf(text, sizeof(text), "%s%s\n", REQUIRED,
				  wrongv[i].text);
		assert_int_equal(read_text(&cfg, text), EINVAL);
		assert_null(cfg);

		if (!strstr(fr.log, wrongv[i].said))
			fail_msg("%s: %s", wrongv[i].text, fr.log);

		/* once, with its file, and no secret */
		line = strchr(fr.log, '\n');
		assert_string_equal(line, "\n");
		assert_memory_equal(fr.log, in_dir("config:"),
				    strlen(in_dir("config:")));
		assert_null(strstr(fr.log, "SECRET"));
		assert_null(strstr(fr.log, "PW"));
	}
}


/* What is found out later is told with its line, too */
static void test_noted(void **state)
{
	struct bridge_config *cfg = NULL;
	char text[1024], at[512];
	(void)state;

	(void)re_snprintf(text, sizeof(text), "%sconnectycube_video_hwenc x\n"
			  "connectycube_video_hwdec y\n"
			  "connectycube_ringback /r\n"
			  "connectycube_hold_music /m\n", REQUIRED);
	assert_int_equal(read_text(&cfg, text), 0);
	(void)re_snprintf(at, sizeof(at), "%s:5: connectycube_video_hwenc",
			  in_dir("config"));
	assert_string_equal(cfg->hwenc_at, at);
	(void)re_snprintf(at, sizeof(at), "%s:6: connectycube_video_hwdec",
			  in_dir("config"));
	assert_string_equal(cfg->hwdec_at, at);
	(void)re_snprintf(at, sizeof(at), "%s:7: connectycube_ringback",
			  in_dir("config"));
	assert_string_equal(cfg->ringback_at, at);
	(void)re_snprintf(at, sizeof(at), "%s:8: connectycube_hold_music",
			  in_dir("config"));
	assert_string_equal(cfg->hold_music_at, at);
	assert_null(cfg->avatar_at);
	mem_deref(cfg);
}


/* a NUL would cut a value short, in silence */
static void test_nul(void **state)
{
	static const char text[] = REQUIRED "connectycube_auth_secret a\0b\n";
	struct bridge_config *cfg = NULL;
	(void)state;

	write_file("config", text, sizeof(text) - 1);
	assert_int_equal(config_read(&cfg, fr.dir), EINVAL);
	assert_non_null(strstr(fr.log, "config:5: connectycube_auth_secret:"
			       " holds a NUL\n"));
}


/* all mistakes of a file in one go, and what is missing */
static void test_all(void **state)
{
	struct bridge_config *cfg = NULL;
	(void)state;

	assert_int_equal(read_text(&cfg, "\xef\xbb\xbf" "poll_method epoll\n"
			"connectycube_ping x\nconnectycube_pong 1\n"
			"connectycube_api_url https://h\n"), EINVAL);
	assert_non_null(strstr(fr.log, "config:1: begins with a byte"));
	assert_non_null(strstr(fr.log, "config:2: connectycube_ping"));
	assert_non_null(strstr(fr.log, "config:3: unknown key"));
	assert_non_null(strstr(fr.log, "config: connectycube_app_id is"
			       " missing\n"));
	assert_null(strstr(fr.log, "connectycube_api_url"));

	(void)unlink(in_dir("config"));
	fr.log[0] = '\0';
	assert_int_equal(config_read(&cfg, fr.dir), ENOENT);
	assert_non_null(strstr(fr.log, "config: cannot be read: No such"));
}


static void test_urls(void **state)
{
	static const struct {
		const char *api, *chat, *said;
	} v[] = {
		{"api.example.com", NULL, "1: connectycube_api_url:"
		 " 'api.example.com' is not a URL that begins with https://"},
		{"wss://h", NULL, "begins with https://"},
		{"ftp://h", NULL, "begins with https://"},
		{"http://h", NULL, "sends passwords in the clear"},
		{"https://", NULL, "is not https://HOST[:PORT]\n"},
		{"https://h:0", NULL, "is not https://HOST[:PORT]\n"},
		{"https://h/api", NULL, "the path /api is too much"},
		{"https://u:PW@h", NULL, "without a user"},
		{"https://h:0/?k=PW", NULL, "'https://h:0/' is not https://"},
		{"https://h/api?PW", NULL, "the path /api is too much"},
		{NULL, "wss://h:x/?t=PW", "'wss://h:x/' is not wss://HOST"},
		{NULL, "https://h", "2: connectycube_chat_url: 'https://h' is"
		 " not a URL that begins with wss://"},
		{NULL, "ws://192.0.2.1", "only wss:// will do"},
		{NULL, "wss://h:99999/", "is not wss://HOST[:PORT][/PATH]"},
	};
	struct bridge_config *cfg = NULL;
	char text[512];
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {

		(void)re_snprintf(text, sizeof(text),
				  "connectycube_api_url %s\n"
				  "connectycube_chat_url %s\n"
				  "connectycube_app_id 1\n"
				  "connectycube_auth_key K\n",
				  v[i].api ? v[i].api : "https://h",
				  v[i].chat ? v[i].chat : "wss://h");

		assert_int_equal(read_text(&cfg, text), EINVAL);
		if (!strstr(fr.log, v[i].said))
			fail_msg("%s", fr.log);
		assert_string_equal(strchr(fr.log, '\n'), "\n");
		assert_null(strstr(fr.log, "PW"));
	}
}


static void test_secrets(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *said;
	} v[] = {
		{"", 0, "is empty"},
		{"\n\n", 2, "is empty"},
		{"\xef\xbb\xbfPW", 5, "byte order mark"},
		{"PW\nPW", 5, "more than one line"},
		{"PW\0PW", 5, "more than one line"},
		{"PW\xe9", 3, "is not UTF-8"},
	};
	struct pl none = PL_INIT, file;
	char *secret = NULL;
	size_t i;
	(void)state;

	pl_set_str(&file, in_dir("secret"));

	for (i=0; i<ARRAY_SIZE(v); i++) {

		write_file("secret", v[i].text, v[i].len);
		assert_int_equal(config_secret(&secret, "what", &none, &file,
					       &none), EINVAL);
		if (!strstr(fr.log, v[i].said))
			fail_msg("%s", fr.log);
		assert_string_equal(strchr(fr.log, '\n'), "\n");
		assert_null(strstr(fr.log, "PW"));
	}

	write_file("secret", "P W\r\n", 5);
	assert_int_equal(config_secret(&secret, "what", &none, &file, &none),
			 0);
	assert_string_equal(secret, "P W");
	assert_string_equal(fr.log, "");
	secret = mem_deref(secret);

	/* who else can read it? nobody, where the folder is closed */
	assert_int_equal(chmod(in_dir("secret"), 0644), 0);
	assert_int_equal(config_secret(&secret, "what", &none, &file, &none),
			 0);
	assert_string_equal(fr.log, "");
	secret = mem_deref(secret);

	assert_int_equal(chmod(fr.dir, 0755), 0);
	assert_int_equal(config_secret(&secret, "what", &none, &file, &none),
			 0);
	assert_non_null(strstr(fr.log, "chmod 600"));
	secret = mem_deref(secret);
}


static void test_utf8(void **state)
{
	static const struct {
		const char *str;
		bool ok;
	} v[] = {
		{"", true}, {"abc", true}, {"Jos\xc3\xa9", true},
		{"\xe2\x82\xac", true}, {"\xf0\x9f\x98\x80", true},
		{"Jos\xe9", false}, {"\xc3", false}, {"\xc0\xaf", false},
		{"\xed\xa0\x80", false}, {"\xf4\x90\x80\x80", false},
		{"\xe0\x9f\xbf", false}, {"\x80", false}, {"\xff", false},
	};
	struct pl pl;
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		pl_set_str(&pl, v[i].str);
		assert_int_equal(text_is_utf8(&pl), v[i].ok);
	}
}


/* what instances share names a place in the profile of each */
static void test_places(void **state)
{
	struct bridge_config *cfg;
	char want[256];
	(void)state;

	assert_int_equal(read_text(&cfg, REQUIRED
				   "connectycube_flight_dir /x/flight\n"), 0);
	assert_string_equal(cfg->flight_dir, "/x/flight");
	(void)re_snprintf(want, sizeof(want), "%s/log", fr.dir);
	assert_string_equal(cfg->log_dir, want);
	mem_deref(cfg);

	assert_int_equal(read_text(&cfg, REQUIRED
				   "connectycube_flight_dir a/flight\n"
				   "connectycube_log_dir b\n"), 0);
	(void)re_snprintf(want, sizeof(want), "%s/a/flight", fr.dir);
	assert_string_equal(cfg->flight_dir, want);
	(void)re_snprintf(want, sizeof(want), "%s/b", fr.dir);
	assert_string_equal(cfg->log_dir, want);
	mem_deref(cfg);
}


/* the profile that is to be copied: every key there is known, and its
   commented value is the default */
static void test_profile(void **state)
{
	struct bridge_config *cfg = NULL, *dflt = NULL;
	struct mbuf *mb;
	struct pl text, line;
	char buf[65536] = REQUIRED;
	unsigned nr = 0;
	bool world;
	(void)state;

	assert_int_equal(conf_load(&mb, "profiles/headless/config", &world),
			 0);
	pl_set_mbuf(&text, mb);

	while (conf_next(&line, &nr, &text)) {

		struct pl key, val;

		if (re_regex(line.p, line.l, "#connectycube_[a-z_]+[\t]+[^]+",
			     &key, NULL, &val) ||
		    memcmp(line.p, "#conn", 5))
			continue;

		/* examples, not defaults */
		if (!pl_strcmp(&key, "app_id") ||
		    !re_regex(key.p, key.l, "auth_") ||
		    !pl_strcmp(&key, "ca_file"))
			continue;

		(void)re_snprintf(buf + strlen(buf),
				  sizeof(buf) - strlen(buf),
				  "connectycube_%r %r\n", &key, &val);
	}
	mem_deref(mb);

	assert_int_equal(read_text(&dflt, REQUIRED), 0);
	if (read_text(&cfg, buf))
		fail_msg("%s", fr.log);

	assert_int_equal(cfg->ring_time, dflt->ring_time);
	assert_int_equal(cfg->max_calls, dflt->max_calls);
	assert_int_equal(cfg->latch_time, dflt->latch_time);
	assert_int_equal(cfg->retry_max, dflt->retry_max);
	assert_int_equal(cfg->complexity, dflt->complexity);
	assert_int_equal(cfg->keepalive, dflt->keepalive);
	assert_memory_equal(&cfg->vcodecv, &dflt->vcodecv,
			    sizeof(cfg->vcodecv));
	assert_int_equal(cfg->vprm.fps_max, dflt->vprm.fps_max);
	assert_int_equal(cfg->peer.gather_max, dflt->peer.gather_max);
	mem_deref(cfg);
	mem_deref(dflt);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_forms, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_wrong, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_noted, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_nul, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_all, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_urls, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_secrets, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_places, fr_setup,
						fr_teardown),
		cmocka_unit_test_setup_teardown(test_profile, fr_setup,
						fr_teardown),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
