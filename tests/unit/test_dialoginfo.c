/**
 * @file test_dialoginfo.c  What a SIP server tells of a phone's calls
 */
#include "testutil.h"
#include "sip/pure/dialoginfo.h"


#define DOC(version, state, dialogs) \
	"<?xml version=\"1.0\"?>\r\n" \
	"<dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\"" \
	" version=\"" version "\" state=\"" state "\"" \
	" entity=\"sip:1001@pbx.example\">" dialogs "</dialog-info>\r\n"
#define DIALOG(id, state) \
	"<dialog id=\"" id "\" direction=\"recipient\">" \
	"<state>" state "</state>" \
	"<remote><state>confirmed</state></remote></dialog>"


static int apply(struct dialoginfo *di, const char *doc)
{
	struct pl pl;

	pl_set_str(&pl, doc);

	return dialoginfo_apply(di, &pl);
}


static void test_documents(void **state)
{
	static const struct {
		const char *doc;
		int err;
		size_t calls;   /* that go on then */
	} v[] = {
		/* only what has changed, since what? */
		{DOC("4", "partial", DIALOG("a", "early")), ENODATA, 0},

		{DOC("4", "full", ""), 0, 0},
		{DOC("5", "partial", DIALOG("a", "early")), 0, 1},
		{DOC("6", "partial", DIALOG("b", " Confirmed\n")), 0, 2},
		{DOC("7", "partial", DIALOG("a", "confirmed")), 0, 2},

		/* overtaken, the same again, one lost */
		{DOC("6", "partial", DIALOG("a", "terminated")), EALREADY, 2},
		{DOC("7", "partial", DIALOG("a", "terminated")), EALREADY, 2},
		{DOC("9", "partial", DIALOG("a", "terminated")), ENODATA, 2},
		{DOC("6", "full", ""), EALREADY, 2},

		{DOC("8", "partial", DIALOG("a", "terminated")), 0, 1},
		{DOC("9", "partial", DIALOG("c", "terminated")), 0, 1},
		{DOC("20", "full", DIALOG("a", "trying")
		     DIALOG("b", "terminated") DIALOG("c", "proceeding")),
		 0, 2},

		/* it has begun anew, and never counts */
		{DOC("0", "full", DIALOG("a", "confirmed")), 0, 1},
		{DOC("0", "full", ""), 0, 0},

		/* Asterisk: what is idle is a dialog that is over */
		{DOC("1", "full", "<dialog id=\"1001\"><state>terminated"
		     "</state></dialog>"), 0, 0},

		/* with prefixes; without id or state; other things */
		{"<d:dialog-info xmlns:d=\"x\" version=\"2\" state=\"full\">"
		 "<d:dialog id=\"a\"><d:state event=\"x\">con<!-- -->firmed"
		 "</d:state></d:dialog></d:dialog-info>", 0, 1},
		{DOC("3", "full", "<dialog><state>early</state></dialog>"
		     "<dialog id=\"\"><state>early</state></dialog>"
		     "<dialog id=\"x\"><state/></dialog>"
		     "<dialog id=\"y\"></dialog>"
		     "<other id=\"z\"><state>early</state></other>"), 0, 0},

		{"", EBADMSG, 0},
		{" \r\n", EBADMSG, 0},
		{"<presence/>", EBADMSG, 0},
		{"<dialog-info version=\"9\"/>", EBADMSG, 0},
		{"<dialog-info state=\"full\"/>", EBADMSG, 0},
		{DOC("-1", "full", ""), EBADMSG, 0},
		{DOC("4294967296", "full", ""), EBADMSG, 0},
		{DOC("4", "full", "<dialog id=\"a\">"), EBADMSG, 0},
		{DOC("4", "full", DIALOG("a", "\xff")), EBADMSG, 0},
		{"<!DOCTYPE a [<!ENTITY b \"c\">]>"
		 DOC("4", "full", ""), EBADMSG, 0},
		{DOC("4", "full", "<a><a><a><a><a><a><a><a><a><a><a><a><a>"
		     "<a><a><a></a></a></a></a></a></a></a></a></a></a></a>"
		     "</a></a></a></a></a>"), EBADMSG, 0},
	};
	struct dialoginfo di;
	size_t i;
	(void)state;

	memset(&di, 0, sizeof(di));

	for (i=0; i<ARRAY_SIZE(v); i++) {
		if (v[i].err != apply(&di, v[i].doc))
			fail_msg("%s", v[i].doc);
		assert_int_equal(v[i].calls, di.idc);
	}

	assert_int_equal(EINVAL, dialoginfo_apply(&di, NULL));
	assert_int_equal(EINVAL, apply(NULL, v[1].doc));
}


/* More calls than are remembered, and ids that are too long */
static void test_many(void **state)
{
	struct mbuf *mb = mbuf_alloc(8192);
	struct dialoginfo di;
	struct pl pl;
	size_t i;
	(void)state;

	memset(&di, 0, sizeof(di));

	mbuf_printf(mb, "<dialog-info version=\"1\" state=\"full\">");
	for (i=0; i<2*DIALOGINFO_MAX; i++)
		mbuf_printf(mb, "<dialog id=\"%zu-%0200u\"><state>early</state>"
			    "</dialog>", i, 0u);
	mbuf_printf(mb, "</dialog-info>");

	pl.p = (char *)mb->buf;
	pl.l = mb->end;
	assert_int_equal(0, dialoginfo_apply(&di, &pl));
	assert_int_equal(DIALOGINFO_MAX, di.idc);

	mem_deref(mb);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
