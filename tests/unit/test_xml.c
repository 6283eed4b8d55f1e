/**
 * @file test_xml.c  Stanza tree and escaping
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include <re.h>
#include "cube/xml.h"


static int decode(struct xml **xp, const char *str)
{
	return xml_decode(xp, str, strlen(str));
}


static void test_tree(void **state)
{
	struct xml *x;
	const struct xml *mechs;
	(void)state;

	assert_int_equal(0, decode(&x,
		"<stream:features xmlns:stream='http://etherx.jabber.org/"
		"streams' xmlns='jabber:client'>"
		"<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
		"<mechanism>PLAIN</mechanism></mechanisms>"
		"</stream:features>"));

	assert_true(xml_is(x, "features", "http://etherx.jabber.org/streams"));
	assert_false(xml_is(x, "features", "jabber:client"));

	mechs = xml_child(x, "mechanisms", NULL);
	assert_non_null(mechs);
	assert_string_equal("urn:ietf:params:xml:ns:xmpp-sasl", mechs->ns);
	assert_string_equal("PLAIN", xml_child_text(mechs, "mechanism"));
	assert_null(xml_child(x, "bind", NULL));
	assert_null(xml_child_text(x, "bind"));
	assert_string_equal("", xml_text(x));
	mem_deref(x);
}


static void test_text_and_attributes(void **state)
{
	struct xml *x;
	(void)state;

	assert_int_equal(0, decode(&x, " <a b='1' c=\"x &lt;&#13;&apos;\">"
				   "p&amp;q<d>in</d><![CDATA[<r>]]>&#13;\n"
				   "</a>\n"));
	assert_string_equal("1", xml_attr(x, "b"));
	assert_string_equal("x <\r'", xml_attr(x, "c"));
	assert_null(xml_attr(x, "d"));
	assert_string_equal("p&q<r>\r\n", xml_text(x));
	assert_string_equal("", x->ns);
	mem_deref(x);
}


static void test_refused(void **state)
{
	struct xml *x = NULL;
	char buf[4096];
	size_t i, n = 0;
	(void)state;

	assert_int_equal(EPROTO, decode(&x, "<!DOCTYPE a [<!ENTITY b 'c'>]>"
					"<a>&b;</a>"));
	assert_int_equal(EPROTO, decode(&x, "<!DOCTYPE a><a/>"));
	assert_int_equal(EBADMSG, decode(&x, "<a>&b;</a>"));
	assert_int_equal(EBADMSG, decode(&x, "<a><b></a>"));
	assert_int_equal(EBADMSG, decode(&x, "<a/><b/>"));
	assert_int_equal(EBADMSG, decode(&x, ""));
	assert_int_equal(EBADMSG, decode(&x, "   "));
	assert_int_equal(EBADMSG, decode(&x, "<a>\xff</a>"));
	assert_int_equal(EBADMSG, decode(&x, "<s:a/>"));
	assert_int_equal(EINVAL, xml_decode(&x, NULL, 0));
	assert_int_equal(EMSGSIZE, xml_decode(&x, buf, XML_SIZE_MAX + 1));

	for (i=0; i<XML_DEPTH_MAX + 1; i++)
		n += re_snprintf(&buf[n], sizeof(buf) - n, "<a>");
	assert_int_equal(EOVERFLOW, xml_decode(&x, buf, n));
	assert_null(x);
}


static void test_many_nodes(void **state)
{
	struct mbuf *mb = mbuf_alloc(65536);
	struct xml *x = NULL;
	size_t i;
	(void)state;

	mbuf_write_str(mb, "<a>");
	for (i=0; i<XML_NODE_MAX; i++)
		mbuf_write_str(mb, "<b c='1'/>");
	mbuf_write_str(mb, "</a>");

	assert_int_equal(EOVERFLOW, xml_decode(&x, (char *)mb->buf, mb->end));
	mem_deref(mb);
}


static void assert_text(const char *expect, const char *str)
{
	char buf[256];

	re_snprintf(buf, sizeof(buf), "%H", xml_text_print, str);
	assert_string_equal(expect, buf);
}


static void test_escape(void **state)
{
	char buf[256];
	struct pl pl;
	(void)state;

	assert_text("", NULL);
	assert_text("a &amp; b &lt;c&gt; \"d\"\r\n", "a & b <c> \"d\"\r\n");
	assert_text("caf\xc3\xa9 \xf0\x9f\x93\x9e", "caf\xc3\xa9 \xf0\x9f\x93\x9e");

	/* control characters, Latin-1, overlong, surrogate, cut short */
	assert_text("a\xef\xbf\xbd" "b", "a\x01" "b");
	assert_text("caf\xef\xbf\xbd", "caf\xe9");
	assert_text("\xef\xbf\xbd\xef\xbf\xbd", "\xc0\xaf");
	assert_text("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "\xed\xa0\x80");
	assert_text("\xef\xbf\xbd\xef\xbf\xbd", "\xe2\x82");

	re_snprintf(buf, sizeof(buf), "%H", xml_attr_print, "\"a'\n&<");
	assert_string_equal("&quot;a&apos;&#10;&amp;&lt;", buf);

	pl_set_str(&pl, "2nd name/\xc3\xa9");
	re_snprintf(buf, sizeof(buf), "%H", xml_name_print, &pl);
	assert_string_equal("_2nd_name___", buf);

	pl_set_str(&pl, "XmLfoo");
	re_snprintf(buf, sizeof(buf), "%H", xml_name_print, &pl);
	assert_string_equal("_XmLfoo", buf);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_text_and_attributes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many_nodes),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
