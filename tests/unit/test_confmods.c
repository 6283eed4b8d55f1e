/**
 * @file test_confmods.c  The configuration of link, record, hep, ami and hub:
 *                        every mistake has its line, and slips in each profile
 */
#include "file_rig.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/confget.h"
#include "config/conftext.h"
#include "config/confread.h"
#include "config/config.h"
#include "connectycube_hub/hub.h"
#include "connectycube_link/link.h"
#include "connectycube_record/record.h"
#include "connectycube_hep/hep.h"
#include "connectycube_ami/ami.h"
#include "connectycube_console/console.h"


#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64
#define HEP "connectycube_hep_server h\n"
#define AMI "connectycube_ami_server h\nconnectycube_ami_user u\n" \
	"connectycube_ami_secret PW\n"
#define SOCKET "connectycube_link_socket /tmp/confmods-none/b.sock\n"

/** Of what is wrong */
struct wrong {
	const char *text;       /* config */
	const char *said;       /* from the number of the line on */
};

typedef int (read_h)(const char *dir);
typedef const struct cfg_key *(key_h)(size_t n);


#define READ(name)                                               \
	static int read_##name(const char *dir)                  \
	{                                                        \
		struct name##_config *cfg = NULL;                \
		const int err = name##_config_read(&cfg, dir);   \
								 \
		mem_deref(cfg);                                  \
								 \
		return err;                                      \
	}

READ(link)
READ(record)
READ(hep)
READ(ami)
READ(console)
READ(hub)


static int read_text(read_h *readh, const char *text)
{
	write_file("config", text, strlen(text));

	return readh(fr.dir);
}


/* One line, with its file, its key, and what it should be */
static void check_wrong(read_h *readh, const char *text, const char *said)
{
	const size_t n = strlen(in_dir("config"));
	char all[2048];

	/* where whoever runs the test may have one */
	(void)re_snprintf(all, sizeof(all), "%s\n%s", text,
			  readh == read_hub &&
			  !strstr(text, "connectycube_link_socket") ?
			  SOCKET : "");

	assert_int_equal(read_text(readh, all), EINVAL);
	assert_memory_equal(fr.log, in_dir("config"), n);
	if (!strstr(fr.log + n, said) ||
	    strcmp(strchr(fr.log, '\n'), "\n"))
		fail_msg("%s: %s", text, fr.log);
	assert_null(strstr(fr.log, "PW"));
}


static void check_all(read_h *readh, const struct wrong *v, size_t n)
{
	size_t i;

	for (i=0; i<n; i++)
		check_wrong(readh, v[i].text, v[i].said);
}


static void check_number(read_h *readh, const struct cfg_key *key,
			 const char *before)
{
	const uint32_t wrongv[] = {key->min - 1, key->max + 1};
	char text[512], said[256];
	size_t i;

	for (i=0; i<ARRAY_SIZE(wrongv); i++) {

		(void)re_snprintf(text, sizeof(text), "%s%s %u\n", before,
				  key->name, wrongv[i]);
		(void)re_snprintf(said, sizeof(said), "%s: '%u' is not a"
				  " number from %u to %u\n", key->name,
				  wrongv[i], key->min, key->max);
		check_wrong(readh, text, said);
	}
}


/* What must be there, but for the line of one key; how many lines that is */
static unsigned all_but(char *text, size_t size, const char *before,
			const char *name)
{
	const char *line = strstr(before, name);
	const size_t n = line ? (size_t)(line - before) : strlen(before);
	unsigned lines = 0;

	(void)re_snprintf(text, size, "%b%s", before, n,
			  line ? strchr(line, '\n') + 1 : "");
	while ((text = strchr(text, '\n'))) {
		++lines;
		++text;
	}

	return lines;
}


/* What is wrong for a key, whatever it is */
static void check_key(read_h *readh, const struct cfg_key *key,
		      const char *needed)
{
	static const char * const tailv[] = {
		"", " a b", " \xe9",
	};
	static const char * const saidv[] = {
		": has no value\n", ": more than one value: a value ends at"
		" the first blank\n", ": is not UTF-8 (Latin-1?)\n",
	};
	char text[512], said[256], before[256];
	unsigned lines;
	size_t i;

	lines = all_but(before, sizeof(before), needed, key->name);

	for (i=0; i<ARRAY_SIZE(tailv); i++) {
		(void)re_snprintf(text, sizeof(text), "%s%s%s\n", before,
				  key->name, tailv[i]);
		(void)re_snprintf(said, sizeof(said), "%s%s", key->name,
				  saidv[i]);
		check_wrong(readh, text, said);
	}

	if (key->kind == CFG_U32)
		check_number(readh, key, before);

	if (key->kind == CFG_BOOL || key->kind == CFG_WORD) {
		(void)re_snprintf(text, sizeof(text), "%s%s blue\n", before,
				  key->name);
		(void)re_snprintf(said, sizeof(said), "%s: 'blue' is not ",
				  key->name);
		check_wrong(readh, text, said);
	}

	if (key->dflt) {
		(void)re_snprintf(text, sizeof(text), "%s%s %s\n\n%s %s\n",
				  before, key->name, key->dflt, key->name,
				  key->dflt);
		(void)re_snprintf(said, sizeof(said), ":%u: %s: stands in"
				  " line %u already\n", lines + 3,
				  key->name, lines + 1);
		check_wrong(readh, text, said);
	}
}


static void test_each(void **state)
{
	static const struct {
		read_h *readh;
		key_h *keyh;
		const char *before;     /* what must be there */
		size_t least;           /* so many keys there are */
	} v[] = {
		{read_link,   link_config_key,   "",  6},
		{read_record, record_config_key, "",  9},
		{read_hep,    hep_config_key,    HEP, 10},
		{read_ami,    ami_config_key,    AMI, 7},
		{read_console, console_config_key, "", 1},
		{read_hub,    hub_config_key,    "",  38},
	};
	const struct cfg_key *key;
	size_t i, n;
	(void)state;

	for (i=0; i<ARRAY_SIZE(v); i++) {
		for (n=0; (key = v[i].keyh(n)); n++)
			check_key(v[i].readh, key, v[i].before);
		assert_true(n >= v[i].least);
	}
}


/* What is found wrong later is said with where it stands */
static void test_prompt(void **state)
{
	struct record_config *cfg;
	char at[256];
	(void)state;

	(void)read_text(read_record, "#\nconnectycube_record_prompt /p\n");
	assert_int_equal(record_config_read(&cfg, fr.dir), 0);
	(void)re_snprintf(at, sizeof(at), "%s:2: connectycube_record_prompt",
			  in_dir("config"));
	assert_string_equal(cfg->prompt_at, at);
	mem_deref(cfg);
}


static void test_link(void **state)
{
	static const struct wrong v[] = {
		{"#\nconnectycube_link_socket /" A64 A64, ":2:"
		 " connectycube_link_socket: is too long for a socket: 129"
		 " bytes, and 107 are the most\n"},
		{"connectycube_link_name " A64 "a", ":1:"
		 " connectycube_link_name: 'aaa"},
		{"connectycube_link_name caf\xc3\xa9", "' is not of 1 to 64"
		 " letters of ASCII without blanks\n"},
		{"connectycube_link_sokcet x", ":1: unknown key"
		 " connectycube_link_sokcet: is connectycube_link_socket"
		 " meant?\n"},
	};
	struct link_config *cfg;
	(void)state;

	check_all(read_link, v, ARRAY_SIZE(v));

	assert_int_equal(read_text(read_link, "sip_listen x\n"), 0);
	assert_int_equal(link_config_read(&cfg, fr.dir), 0);
	assert_string_equal(cfg->name, strrchr(fr.dir, '/') + 1);
	assert_string_equal(cfg->spool, in_dir("spool"));
	assert_string_equal(fr.log, "");
	mem_deref(cfg);
}


static void test_record(void **state)
{
	static const struct wrong v[] = {
		{"connectycube_record_keys 1", ":1: connectycube_record_keys:"
		 " '1' is not 2 to 8 of 0-9, *, #, A-D\n"},
		{"connectycube_record_pause_keys *12345678", " is not 2 to"},
		{"connectycube_record_keys *1\nconnectycube_record_pause_keys"
		 " *12", ":2: connectycube_record_pause_keys: '*12' and"
		 " connectycube_record_keys '*1': one begins with the"
		 " other\n"},
		{"connectycube_record_spol /x", "is connectycube_record_spool"
		 " meant?\n"},
	};
	(void)state;

	check_all(read_record, v, ARRAY_SIZE(v));
	assert_int_equal(read_text(read_record, "connectycube_record_keys *1\n"
				   "connectycube_record_pause_keys *2\n"), 0);
}


static void test_hep(void **state)
{
	static const struct wrong v[] = {
		{"", ": connectycube_hep_server is missing\n"},
		{"connectycube_hep_server homer:99999", ":1:"
		 " connectycube_hep_server: 'homer:99999' is not HOST,"
		 " HOST:PORT or [ADDRESS]:PORT\n"},
		{"connectycube_hep_server udp://h", "'udp://h' is not HOST"},
		{"connectycube_hep_server " A256, " is not HOST"},
		{HEP "connectycube_hep_srever x", ":2: unknown key"
		 " connectycube_hep_srever: is connectycube_hep_server"
		 " meant?\n"},
	};
	(void)state;

	check_all(read_hep, v, ARRAY_SIZE(v));
	assert_int_equal(read_text(read_hep, HEP), 0);
}


static void test_ami(void **state)
{
	static const struct wrong v[] = {
		{"connectycube_ami_user u\nconnectycube_ami_secret PW\n",
		 ": connectycube_ami_server: is missing, and so is"
		 " connectycube_ami_socket\n"},
		{"connectycube_ami_server h\nconnectycube_ami_secret PW\n",
		 ": connectycube_ami_user: is missing\n"},
		{"connectycube_ami_server h\nconnectycube_ami_user u\n"
		 "connectycube_ami_socket /x\n",
		 ": connectycube_ami_secret: is missing\n"},
		{AMI "connectycube_ami_login plain", ":4:"
		 " connectycube_ami_login: 'plain' sends the secret as it is:"
		 " only with connectycube_ami_tls yes, or to this host\n"},
		{AMI "connectycube_ami_ca_file /nowhere.pem", ":4:"
		 " connectycube_ami_ca_file: cannot read /nowhere.pem: No such"
		 " file or directory"},
		{AMI "connectycube_ami_ca_file /etc/passwd", "/etc/passwd"
		 " holds no certificate in PEM form"},
		{AMI "connectycube_ami_context a,b", " 'a,b' is not the name"
		 " of a context of extensions.conf\n"},
		{AMI "connectycube_ami_sever x", ": is"
		 " connectycube_ami_server meant?\n"},
	};
	(void)state;

	check_all(read_ami, v, ARRAY_SIZE(v));
	assert_int_equal(read_text(read_ami, AMI), 0);
	assert_int_equal(read_text(read_ami, "connectycube_ami_socket /x\n"),
			 0);
	assert_int_equal(read_text(read_ami, AMI "connectycube_ami_tls yes\n"
				   "connectycube_ami_login plain\n"), 0);
}


static void test_hub(void **state)
{
	static const struct wrong v[] = {
		{"\nconnectycube_hub_group no-such-group", ":2:"
		 " connectycube_hub_group: 'no-such-group' is not a group of"
		 " this machine\n"},
		{"connectycube_hub_postgres_table Calls;", ":1:"
		 " connectycube_hub_postgres_table: 'Calls;' is not of small"
		 " letters, digits, underscores and a dot\n"},
		{"connectycube_hub_postgres_recordings a-b", "'a-b' is not"},
		{"connectycube_link_socket /" A64 A64, ":1:"
		 " connectycube_link_socket: is too long for a socket"},
		{"connectycube_link_socket /nowhere/a/hub.sock", ":1:"
		 " connectycube_link_socket: /nowhere/a: No such file or"},
		{"connectycube_hub_db /nowhere/records.db", ":1:"
		 " connectycube_hub_db: /nowhere/records.db: No such file"},
		{"connectycube_hub_db /tmp", "/tmp: Is a directory\n"},
		{"connectycube_hub_db /" A256 A256 A256 A256, ":1:"
		 " connectycube_hub_db: is too long\n"},
		{"connectycube_hub_group " A256 A256 A256 A256, A64 "a...' is"
		 " not a group of this machine\n"},
		{"connectycube_hub_jsonl /tmp", ":1: connectycube_hub_jsonl:"
		 " /tmp: Is a directory\n"},
		{"connectycube_hub_csv /dev/null/x.csv", "Not a directory\n"},
		{"#\n#\nconnectycube_hub_jsonl /tmp/x\nconnectycube_hub_csv"
		 " /tmp/x", ":4: connectycube_hub_csv: /tmp/x:"
		 " connectycube_hub_jsonl has the same\n"},
		{"connectycube_hub_log_file /nowhere/x.log", ":1:"
		 " connectycube_hub_log_file: /nowhere/x.log: No such"},
		{"connectycube_hub_recordings /dev/null", ":1:"
		 " connectycube_hub_recordings: /dev/null: Not a dir"},
		{"connectycube_hub_recordings /nowhere/a", "/a: No such file"},
		{"connectycube_record_spool /dev/null", ":1:"
		 " connectycube_record_spool: /dev/null: Not a directory"},
		{"connectycube_hub_recording_name {nobody}", ":1:"
		 " connectycube_hub_recording_name: "},
		{"#\nconnectycube_hub_recording_free 91%", ":2:"
		 " connectycube_hub_recording_free: '91%' is not a number of"
		 " MB from 1 to 100000000, or from 1% to 90%\n"},
		{"connectycube_hub_s3_remove yes", ":1:"
		 " connectycube_hub_s3_remove: nothing is uploaded"},
		{"connectycube_hub_s3_bucket b", ": connectycube_hub_s3_url:"
		 " url, bucket, key and secret are needed, all four\n"},
		{"connectycube_hub_s3_url https://h\nconnectycube_hub_s3_key k"
		 "\nconnectycube_hub_s3_secret PW\nconnectycube_hub_s3_bucket"
		 " a/b", ":4: connectycube_hub_s3_bucket: is not of"},
		{"connectycube_hub_postgres=postgresql://u:PW@h", ":1: not of"
		 " the form KEY VALUE"},
		{"connectycube_hub_jsnol /x", ":1: unknown key"
		 " connectycube_hub_jsnol: is connectycube_hub_jsonl meant?"},
		{"connectycube_recrd_spool /x", ":1: unknown key"
		 " connectycube_recrd_spool: is connectycube_record_spool"
		 " meant?\n"},
		{"conectycube_hub_db /x", ":1: unknown key"
		 " conectycube_hub_db: is connectycube_hub_db meant?\n"},
		{"hub_db /x", "unknown key hub_db: is connectycube_hub_db"},
	};
	(void)state;

	check_all(read_hub, v, ARRAY_SIZE(v));

	/* what is not there now may come */
	assert_int_equal(read_text(read_hub, SOCKET
			"connectycube_hub_jsonl /nowhere/a\n"
			"connectycube_record_spool /nowhere/b\n"), 0);
	assert_string_equal(fr.log, "");
}


/* Neither ours nor anybody's, and nothing that ends us */
static void test_others(void **state)
{
	static const char own[] = "module_app connectycube.so\n"
		"connectycube_recrd_spool /x\nconectycube_x y\n";
	char text[512];
	(void)state;

	/* those of other modules are */
	(void)re_snprintf(text, sizeof(text), "%sconnectycube_record_queue 9\n"
			  "connectycube_ring_time 9\nconnectycube_auth_key_env"
			  " X\nconnectycube_hep_server h\nconnect_x 1\n",
			  SOCKET);
	assert_int_equal(read_text(read_hub, text), 0);
	assert_string_equal(fr.log, "");

	/* read by nobody here, who would complain */
	(void)re_snprintf(text, sizeof(text), "%smodule_app"
			  " connectycube_hub.so\nconnectycube_record_qeue 9\n"
			  "conectycube_hub_teapot 1\nconnectycube_link_nmae x\n",
			  SOCKET);
	assert_int_equal(read_text(read_hub, text), 0);
	assert_said(":3: unknown key connectycube_record_qeue: is"
		    " connectycube_record_queue meant?\n");
	assert_said(":4: unknown key conectycube_hub_teapot (nearly"
		    " connectycube_...)\n");
	assert_true(!strstr(fr.log, "nmae"));

	/* in a bridge's process it is the bridge that says so, and no other */
	(void)re_snprintf(text, sizeof(text), "%s%s%s", SOCKET, HEP, own);
	assert_int_equal(read_text(read_hub, text), 0);
	assert_int_equal(read_text(read_link, text), 0);
	assert_int_equal(read_text(read_record, text), 0);
	assert_int_equal(read_text(read_hep, text), 0);
	assert_string_equal(fr.log, "");
}


/* Whoever reads the file: one says that others can, too */
static void test_open(void **state)
{
	static const char text[] = SOCKET HEP;
	(void)state;

	(void)read_text(read_hub, text);
	assert_int_equal(chmod(fr.dir, 0755), 0);
	assert_int_equal(chmod(in_dir("config"), 0644), 0);

	assert_int_equal(read_link(fr.dir), 0);
	assert_int_equal(read_record(fr.dir), 0);
	assert_int_equal(read_hep(fr.dir), 0);
	assert_string_equal(fr.log, "");

	assert_int_equal(read_hub(fr.dir), 0);
	assert_said("every user of this machine can read its secrets");

	(void)read_text(read_hub, "module_app connectycube.so\n" SOCKET);
	assert_int_equal(chmod(in_dir("config"), 0644), 0);
	assert_int_equal(read_hub(fr.dir), 0);
	assert_string_equal(fr.log, "");
}


int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(t) cmocka_unit_test_setup_teardown(t, fr_setup, fr_teardown)
		T(test_each),
		T(test_prompt),
		T(test_link),
		T(test_record),
		T(test_hep),
		T(test_ami),
		T(test_hub),
		T(test_others),
		T(test_open),
#undef T
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
