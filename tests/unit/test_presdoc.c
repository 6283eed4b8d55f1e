/**
 * @file test_presdoc.c  Documents for watchers of an extension
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "cube/xml.h"
#include "sip/pure/presdoc.h"


static struct presdoc base(void)
{
	const struct presdoc doc = {
		.entity = "sip:1000@pbx.example", .open = true
	};

	return doc;
}


static struct mbuf *write_doc(enum presdoc_kind kind,
			      const struct presdoc *doc)
{
	struct mbuf *mb = NULL;

	assert_int_equal(0, presdoc_write(&mb, kind, doc));
	assert_int_equal(0, mb->pos);

	return mb;
}


static bool holds(const struct mbuf *mb, const char *text)
{
	return memmem(mb->buf, mb->end, text, strlen(text)) != NULL;
}


static void assert_holds(enum presdoc_kind kind, const struct presdoc *doc,
			 const char *text, bool wanted)
{
	struct mbuf *mb = write_doc(kind, doc);

	if (holds(mb, text) != wanted)
		fail_msg("%s%s:\n%.*s", text, wanted ? " is missing" : "",
			 (int)mb->end, (char *)mb->buf);

	mem_deref(mb);
}


static void test_pidf(void **state)
{
	struct presdoc doc = base();
	(void)state;

	assert_holds(PRESDOC_PIDF, &doc, "<basic>open</basic>", true);
	assert_holds(PRESDOC_PIDF, &doc, "entity=\"sip:1000@pbx.example\"",
		     true);
	assert_holds(PRESDOC_PIDF, &doc, "activities", false);

	doc.dnd = true;
	assert_holds(PRESDOC_PIDF, &doc, "<rpid:busy/>", true);

	/* what can be seen goes first */
	doc.callv[doc.callc++].id = 7;
	assert_holds(PRESDOC_PIDF, &doc, "<rpid:on-the-phone/>", true);
	assert_holds(PRESDOC_PIDF, &doc, "<rpid:busy/>", false);
	assert_holds(PRESDOC_PIDF, &doc, "<basic>open</basic>", true);

	doc = base();
	doc.open = false;
	assert_holds(PRESDOC_PIDF, &doc, "<basic>closed</basic>", true);
	assert_holds(PRESDOC_PIDF, &doc, "Offline", true);
}


static void test_dialog(void **state)
{
	struct presdoc doc = base();
	(void)state;

	assert_holds(PRESDOC_DIALOG, &doc, "version=\"0\" state=\"full\"",
		     true);
	assert_holds(PRESDOC_DIALOG, &doc, "<dialog ", false);

	doc.version = 3;
	doc.callv[0] = (struct presdoc_call){.id = 7, .from_app = true};
	doc.callv[1] = (struct presdoc_call){.id = 9, .up = true};
	doc.callc = 2;
	assert_holds(PRESDOC_DIALOG, &doc, "version=\"3\"", true);
	assert_holds(PRESDOC_DIALOG, &doc,
		     "<dialog id=\"7\" direction=\"initiator\">"
		     "<state>early</state></dialog>", true);
	assert_holds(PRESDOC_DIALOG, &doc,
		     "<dialog id=\"9\" direction=\"recipient\">"
		     "<state>confirmed</state></dialog>", true);
}


/* Whatever the account's address is, a document is XML, and all of it */
static void test_escape(void **state)
{
	struct presdoc doc = base();
	int kind;
	(void)state;

	doc.entity = "sip:a&b\"<c>\x01@pbx";

	for (kind=0; kind<PRESDOC_KINDS; kind++) {

		struct mbuf *mb = write_doc((enum presdoc_kind)kind, &doc);
		struct xml *el = NULL;

		assert_int_equal(0, xml_decode(&el, (char *)mb->buf, mb->end));
		assert_string_equal("sip:a&b\"<c>@pbx",
				    xml_attr(el, "entity"));
		mem_deref(el);
		mem_deref(mb);
	}
}


static void test_kind(void **state)
{
	enum presdoc_kind kind;
	struct pl pl;
	(void)state;

	pl_set_str(&pl, "presence");
	assert_true(presdoc_kind(&kind, &pl));
	assert_int_equal(PRESDOC_PIDF, kind);
	pl_set_str(&pl, "Dialog");
	assert_true(presdoc_kind(&kind, &pl));
	assert_int_equal(PRESDOC_DIALOG, kind);
	pl_set_str(&pl, "dialog.winfo");
	assert_false(presdoc_kind(&kind, &pl));
	pl_set_str(&pl, "");
	assert_false(presdoc_kind(&kind, &pl));
}


static void test_accept(void **state)
{
	static const struct {
		const char *accept;
		bool pidf, dialog;
	} testv[] = {
		{"application/pidf+xml", true, false},
		{"application/dialog-info+xml", false, true},
		{"application/xpidf+xml, application/pidf+xml;q=0.5", true,
		 false},
		{"application/dialog-info+xml,application/pidf+xml", true,
		 true},
		{"*/*", true, true},
		{"application/*", true, true},
		{"text/plain", false, false},
		{"", false, false},
		{" , ;", false, false},
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(testv); i++) {

		struct pl pl;

		pl_set_str(&pl, testv[i].accept);
		assert_int_equal(testv[i].pidf,
				 presdoc_accepted(PRESDOC_PIDF, &pl));
		assert_int_equal(testv[i].dialog,
				 presdoc_accepted(PRESDOC_DIALOG, &pl));
	}
}


static void test_same(void **state)
{
	struct presdoc a = base(), b = base();
	(void)state;

	b.version = 5;
	assert_true(presdoc_same(&a, &b));
	b.dnd = true;
	assert_false(presdoc_same(&a, &b));
	b = base();
	b.callc = 1;
	assert_false(presdoc_same(&a, &b));
	a.callc = 1;
	assert_true(presdoc_same(&a, &b));
	b.callv[0].up = true;
	assert_false(presdoc_same(&a, &b));
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pidf),
		cmocka_unit_test(test_dialog),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_kind),
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
