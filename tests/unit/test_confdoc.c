/**
 * @file test_confdoc.c  What is written about the configuration is true of it
 *
 * profiles/headless/config has every key with its default and its range, and
 * profiles/hub/config every one of the hub; READMEs and manuals have no other
 * keys, and profile and READMEs have every parameter of users. And every module
 * knows the names of all.
 */
#include <stdlib.h>
#include <unistd.h>
#include "testutil.h"
#include "peer/peer.h"
#include "audio/audio.h"
#include "video/video.h"
#include "config/conftext.h"
#include "config/confget.h"
#include "config/confread.h"
#include "config/config.h"
#include "config/users.h"
#include "connectycube_hub/hub.h"
#include "connectycube_link/link.h"
#include "connectycube_record/record.h"
#include "connectycube_hep/hep.h"
#include "connectycube_ami/ami.h"
#include "connectycube_console/console.h"


typedef const struct cfg_key *(key_h)(size_t n);


/* The keys of all modules in a bridge */
static const struct cfg_key *get_key(size_t n)
{
	static key_h * const keyhv[] = {
		config_key, link_config_key, record_config_key,
		hep_config_key, ami_config_key, console_config_key,
	};
	size_t i, k;

	for (k=0; k<ARRAY_SIZE(keyhv); k++) {

		for (i=0; keyhv[k](i); i++) {
			if (!n--)
				return keyhv[k](i);
		}
	}

	return NULL;
}


static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || c == '_';
}


/* Where "KEY\t" or "#KEY\t" begins a line */
static const char *find_key(const char *text, const char *name)
{
	const size_t len = strlen(name);
	const char *p = text;

	while ((p = strstr(p, name))) {

		const char *line = p > text && p[-1] == '#' ? p - 1 : p;

		if (p[len] == '\t' && (line == text || line[-1] == '\n'))
			return line;

		p += len;
	}

	return NULL;
}


/* Value of a key's line */
static void get_value(struct pl *val, const char *line)
{
	val->p = line + strcspn(line, "\t");
	val->p += strspn(val->p, "\t");
	val->l = strcspn(val->p, "\n");
}


/* What stands above it, up to an empty line */
static void get_comment(char *buf, size_t size, const char *text,
			const char *line)
{
	const char *p = line;
	struct pl pl;

	while (p > text && !(p[-1] == '\n' && *p == '\n'))
		--p;

	pl.p = p;
	pl.l = line - p;
	assert_int_equal(pl_strcpy(&pl, buf, size), 0);
}


static void wants(const struct cfg_key *key, const char *comment,
		  const char *word)
{
	if (!strstr(comment, word))
		fail_msg("%s: no \"%s\" in:%s", key->name, word, comment);
}


static void check_range(const struct cfg_key *key, const char *comment)
{
	char str[64];
	struct pl words, word;

	switch (key->kind) {

	case CFG_U32:
		(void)re_snprintf(str, sizeof(str), "%u-%u", key->min,
				  key->max);
		/* "0=never, 10-86400" */
		if (!strstr(comment, str) && key->h && !key->min)
			(void)re_snprintf(str, sizeof(str), "-%u", key->max);
		wants(key, comment, str);
		break;

	case CFG_BOOL:
		wants(key, comment, "yes");
		wants(key, comment, "no");
		break;

	case CFG_WORD:
		pl_set_str(&words, key->words);
		while (!re_regex(words.p, words.l, "[^|]+", &word)) {
			(void)pl_strcpy(&word, str, sizeof(str));
			wants(key, comment, str);
			pl_advance(&words, word.p + word.l - words.p);
		}
		break;

	default:
		break;
	}
}


/* Returns how many keys there are */
static size_t check_profile(const char *path, key_h *keyh)
{
	char *text = tu_load(path);
	const struct cfg_key *key;
	char comment[2048];
	size_t i;

	for (i=0; (key = keyh(i)); i++) {

		const char *line = find_key(text, key->name);
		struct pl val;

		if (!line)
			fail_msg("%s is not in %s", key->name, path);

		get_value(&val, line);
		if (key->dflt && *line == '#' && pl_strcmp(&val, key->dflt))
			fail_msg("%s: its default is %s", key->name,
				 key->dflt);

		get_comment(comment, sizeof(comment), text, line);
		check_range(key, comment);
	}

	mem_deref(text);

	return i;
}


static void test_profile(void **state)
{
	(void)state;

	assert_true(check_profile("profiles/headless/config", get_key) > 80);
	assert_true(check_profile("profiles/hub/config",
				  hub_config_key) > 7);
}


/* Of these keys, or where the value of a secret of them is */
static bool is_among(key_h *keyh, const struct pl *name)
{
	const struct cfg_key *key;
	struct pl suffix;
	size_t i;

	for (i=0; (key = keyh(i)); i++) {

		const size_t len = strlen(key->name);

		if (name->l < len || memcmp(name->p, key->name, len))
			continue;

		suffix.p = name->p + len;
		suffix.l = name->l - len;
		if (!suffix.l || (key->kind == CFG_SECRET &&
				  (!pl_strcmp(&suffix, "_file") ||
				   !pl_strcmp(&suffix, "_env"))))
			return true;
	}

	return false;
}


static bool is_known(const struct pl *name)
{
	return is_among(get_key, name) || is_among(hub_config_key, name);
}


/* Each key in one text stands in the other, too */
static void compare(const char *path, const char *text, const char *other)
{
	const char *p = text;
	struct pl name;
	char str[64];

	while ((p = strstr(p, "connectycube_"))) {

		name.p = p;
		while (is_name_char(*p))
			++p;
		name.l = p - name.p;
		assert_int_equal(pl_strcpy(&name, str, sizeof(str)), 0);

		/* a module */
		if (!strncmp(p, ".so", 3))
			continue;

		/* connectycube_* */
		if (str[name.l - 1] != '_' && !is_known(&name))
			fail_msg("%s: there is no %s", path, str);
		if (!strstr(other, str))
			fail_msg("%s has %s alone", path, str);
	}
}


/* English and Portuguese are in step */
static void test_readme(void **state)
{
	static const char *const pathv[][2] = {
		{"README.md", "README.pt-BR.md"},
		{"docs/MANUAL.md", "docs/MANUAL.pt-BR.md"},
		{"docs/INSTALL.md", "docs/INSTALL.pt-BR.md"},
		{"docs/OPERATIONS.md", "docs/OPERATIONS.pt-BR.md"},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(pathv); i++) {

		char *en = tu_load(pathv[i][0]), *pt = tu_load(pathv[i][1]);

		compare(pathv[i][0], en, pt);
		compare(pathv[i][1], pt, en);
		mem_deref(en);
		mem_deref(pt);
	}
}


/* What docs/OFFICE.md sets is in the profile that it sets it in: sed changes
   nothing where it finds none */
static void test_office(void **state)
{
	char *hub = tu_load("profiles/hub/config");
	char *bridge = tu_load("profiles/headless/config");
	char *text = tu_load("docs/OFFICE.md");
	const char *p;
	unsigned n = 0;
	(void)state;

	for (p = text; (p = strstr(p, "set_key ")); ++p) {

		struct pl who, key;
		char name[64];

		if (re_regex(p, strlen(p), "set_key [^ ]+ [a-z0-9_]+ ", &who,
			     &key) || who.p > p + 8)
			continue;

		(void)re_snprintf(name, sizeof(name), "%r", &key);
		if (!strstr(pl_strcmp(&who, "hub") ? bridge : hub, name))
			fail_msg("docs/OFFICE.md sets %s, which its profile"
				 " does not have", name);
		++n;
	}

	assert_true(n > 12);
	mem_deref(text);
	mem_deref(bridge);
	mem_deref(hub);
}


static void test_users(void **state)
{
	static const char *const pathv[] = {
		"README.md", "README.pt-BR.md", "profiles/headless/users",
	};
	size_t i, j;
	(void)state;

	for (i=0; i<ARRAY_SIZE(pathv); i++) {

		char *text = tu_load(pathv[i]);

		for (j=0; j<users_paramc; j++) {
			if (!strstr(text, users_paramv[j]))
				fail_msg("%s is not in %s", users_paramv[j],
					 pathv[i]);
		}
		mem_deref(text);
	}
}


/* The bridges' key is the hub's, too, whatever else is theirs */
static void test_spool(void **state)
{
	static const char text[] = "connectycube_record_queue\t99\n"
		"connectycube_record_spool\t/x/y\nconnectycube_hub_db\t/z\n";
	struct hub_config *cfg = NULL;
	char dir[] = "/tmp/confdoc-XXXXXX", path[64];
	FILE *f;
	(void)state;

	assert_non_null(mkdtemp(dir));
	(void)re_snprintf(path, sizeof(path), "%s/config", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fputs(text, f) >= 0, 1);
	(void)fclose(f);

	assert_int_equal(hub_config_read(&cfg, dir), 0);
	assert_string_equal(cfg->rec.spool, "/x/y");
	assert_string_equal(cfg->db, "/z");
	mem_deref(cfg);

	(void)unlink(path);
	(void)rmdir(dir);
}


static void check_named(key_h *keyh)
{
	const struct cfg_key *key;
	const char *name;
	bool secret;
	size_t i, n;

	for (i=0; (key = keyh(i)); i++) {

		for (n=0; (name = confnames_get(n, &secret)); n++) {
			if (!strcmp(name, key->name))
				break;
		}
		if (!name || secret != (key->kind == CFG_SECRET))
			fail_msg("%s is not in confnames.inc", key->name);
	}
}


/* The Makefile finds the tables' rows by their form */
static void test_names(void **state)
{
	(void)state;

	check_named(get_key);
	check_named(hub_config_key);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spool),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_readme),
		cmocka_unit_test(test_office),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, tu_setup, tu_teardown);
}
