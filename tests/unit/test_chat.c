/**
 * @file test_chat.c  Chat messages: read, made, sent for sure, heard once
 */
#include "testutil.h"
#include "peer/peer.h"
#include "cube/cube.h"
#include "cube/xml.h"
#include "cube/signal.h"
#include "cube/chat.h"
#include "cube/core.h"


static struct cube *c;
static char sent[4096];         /* all that went out */
static int send_err;
static unsigned heard;
static struct chat *last;
static const char *writer;      /* whose texts come */
static unsigned told;
static int told_err;


/* What was asked of the cloud, and was not answered yet */
static struct {
	char body[128];
	cube_posted_h *h;
	void *job;
	unsigned n;
	int err;
} post;


static int post_handler(const char *path, const char *body,
			cube_posted_h *postedh, void *job, void *arg)
{
	(void)arg;

	assert_string_equal("/chat/Dialog.json", path);
	str_ncpy(post.body, body, sizeof(post.body));
	post.h   = postedh;
	post.job = job;
	++post.n;

	return post.err;
}


static int send_handler(const char *buf, size_t len, void *arg)
{
	const size_t n = strlen(sent);
	(void)arg;

	if (send_err)
		return send_err;

	re_snprintf(sent + n, sizeof(sent) - n, "%b\n", buf, len);

	return 0;
}


static void chat_handler(const struct chat *chat, const char *user, int err,
			 void *arg)
{
	(void)err;
	(void)arg;

	assert_string_equal(writer, user);
	++heard;
	mem_deref(last);
	last = mem_ref((void *)chat);
}


static void sent_handler(int err, const char *reason, void *arg)
{
	struct cube_text **tp = arg;

	assert_int_equal(!err, !reason);
	++told;
	told_err = err;
	*tp = mem_deref(*tp);
}


static int setup(void **state)
{
	const struct cube_config cfg = {
		.api_url = "https://h", .chat_url = "wss://h/",
		.app_id = "5476", .auth_key = "k", .login = "l",
		.password = "p",
	};
	(void)state;

	assert_int_equal(0, cube_alloc(&c, &cfg, NULL, NULL, NULL));
	cube_set_test_link(c, "101", send_handler, NULL);
	cube_set_chat_handler(c, chat_handler);
	sent[0] = '\0';
	send_err = 0;
	heard = told = 0;
	writer = "102";
	told_err = -1;
	memset(&post, 0, sizeof(post));
	post.err = ENOSYS;
	c->posth = post_handler;

	return 0;
}


static int teardown(void **state)
{
	(void)state;

	last = mem_deref(last);
	c = mem_deref(c);

	return 0;
}


static void recv_xml(const char *fmt, ...)
{
	char buf[16384];
	struct xml *x;
	va_list ap;

	va_start(ap, fmt);
	assert_true(re_vsnprintf(buf, sizeof(buf), fmt, ap) > 0);
	va_end(ap);

	assert_int_equal(0, xml_decode(&x, buf, strlen(buf)));
	cube_recv(c, x);
	mem_deref(x);
}


#define FROM "from='102-5476@h/web' to='101-5476@h'"

static void test_heard(void **state)
{
	static const char *const nonev[] = {
		"<message type='chat' " FROM " id='1'/>",
		"<message type='chat' " FROM " id='1'><body/></message>",
		"<message type='headline' " FROM "><body>x</body></message>",
		"<message type='chat' " FROM "><body>x</body>"
		"<composing/></message>",
		"<message type='chat' " FROM "><body>x</body>"
		"<replace id='0'/></message>",
		"<message type='chat' " FROM "><received id='0'/></message>",
		"<message type='error' " FROM "><body>x</body></message>",
		"<message type='chat' " FROM "><body>x</body><extraParams>"
		"<bridge>1</bridge></extraParams></message>",
		"<message type='chat' from='101-5476@h/b'><body>x</body>"
		"</message>",
		"<message type='chat' from='102-1@h/b'><body>x</body>"
		"</message>",
	};
	size_t i;
	(void)state;

	for (i=0; i<ARRAY_SIZE(nonev); i++) {
		recv_xml("%s", nonev[i]);
		if (heard)
			fail_msg("%s", nonev[i]);
	}

	recv_xml("<message type='chat' " FROM " id='m1'><body>Ol&#225;\nyou"
		 "</body><extraParams><dialog_id>d1</dialog_id>"
		 "<dial>1001</dial><save_to_history>1</save_to_history>"
		 "</extraParams></message>");
	assert_int_equal(1, heard);
	assert_string_equal("Ol\xc3\xa1\nyou", last->body);
	assert_string_equal("m1", last->id);
	assert_string_equal("d1", last->dialog);
	assert_string_equal("1001", last->dial);

	/* delivered again; and another one of the same words */
	recv_xml("<message type='chat' " FROM " id='m1'><body>x</body>"
		 "</message>");
	assert_int_equal(1, heard);
	recv_xml("<message type='chat' " FROM " id='m2'><body>x</body>"
		 "</message>");
	assert_int_equal(2, heard);
	recv_xml("<message type='chat' " FROM "><body>%8193s</body>"
		 "</message>", "x");
	assert_int_equal(3, heard);

	assert_int_equal(EINVAL, cube_chat_received(c, last));
}


/* One who writes a lot does not make another one's text come twice */
static void test_heard_once(void **state)
{
	int i;
	(void)state;

	recv_xml("<message type='chat' " FROM " id='m1'><body>x</body>"
		 "</message>");
	assert_int_equal(1, heard);

	writer = "666";
	for (i=0; i<300; i++) {
		recv_xml("<message type='chat' from='666-5476@h/web'"
			 " to='101-5476@h' id='m%d'><body>x</body>"
			 "</message>", i);
	}

	assert_int_equal(301, heard);
	recv_xml("<message type='chat' " FROM " id='m1'><body>x</body>"
		 "</message>");
	assert_int_equal(301, heard);
}


static void test_sent(void **state)
{
	const struct cube_info inf = {"number", "<42>"};
	const struct chat_text text = {"a < b", NULL, &inf, 1};
	struct cube_text *t = NULL, *t2 = NULL;
	char id[SIGNAL_ID_SIZE];
	struct pl pl;
	(void)state;

	assert_int_equal(0, cube_chat_send(&t, c, "102", &text, sent_handler,
					   &t));
	assert_non_null(strstr(sent, "to=\"102-5476@h\" type=\"chat\""));
	assert_non_null(strstr(sent, "<body>a &lt; b</body>"));
	assert_non_null(strstr(sent, "<save_to_history>1</save_to_history>"
			       "<number>&lt;42&gt;</number>"));
	assert_int_equal(0, re_regex(sent, strlen(sent),
				     "type=\"get\" id=\"[^\"]+\"", &pl));
	assert_int_equal(0, pl_strcpy(&pl, id, sizeof(id)));

	/* the answer to another one's is none */
	recv_xml("<iq type='result' id='x' from='h'/>");
	recv_xml("<message type='chat' " FROM " id='%s'><body>x</body>"
		 "</message>", id);
	assert_int_equal(0, told);
	recv_xml("<iq type='result' id='%s' from='h'/>", id);
	assert_int_equal(1, told);
	assert_int_equal(0, told_err);
	assert_null(t);

	/* refused, and then the ping's answer */
	sent[0] = '\0';
	assert_int_equal(0, cube_chat_send(&t, c, "103", &text, sent_handler,
					   &t));
	assert_int_equal(0, re_regex(sent, strlen(sent),
				     "type=\"get\" id=\"[^\"]+\"", &pl));
	assert_int_equal(0, pl_strcpy(&pl, id, sizeof(id)));
	recv_xml("<message type='error' from='103-5476@h' id='%s'><error>"
		 "<service-unavailable/></error></message>", id);
	recv_xml("<iq type='result' id='%s' from='h'/>", id);
	assert_int_equal(2, told);
	assert_int_equal(EPERM, told_err);

	/* nobody wants to know, and a link that goes */
	assert_int_equal(0, cube_chat_send(&t, c, "103", &text, sent_handler,
					   &t));
	assert_int_equal(0, cube_chat_send(&t2, c, "103", &text, sent_handler,
					   &t2));
	t = mem_deref(t);
	chat_link_down(c);
	assert_int_equal(3, told);
	assert_int_equal(ENOTCONN, told_err);

	send_err = ENOTCONN;
	assert_int_equal(ENOTCONN, cube_chat_send(&t, c, "103", &text,
						  sent_handler, &t));
	assert_null(t);
	assert_int_equal(3, told);
}


static void test_dialog(void **state)
{
	const struct chat_text text = {.body = "hi"};
	(void)state;

	recv_xml("<message type='chat' " FROM " id='m1'><body>x</body>"
		 "<extraParams><dialog_id>d1</dialog_id></extraParams>"
		 "</message>");
	assert_int_equal(0, cube_chat_send(NULL, c, "102", &text, NULL, NULL));
	assert_non_null(strstr(sent, "<dialog_id>d1</dialog_id>"));

	/* it has been read where it was sent from, by the same dialog */
	sent[0] = '\0';
	assert_int_equal(0, cube_chat_received(c, last));
	assert_non_null(strstr(sent, "to=\"102-5476@h/web\""));
	assert_non_null(strstr(sent, "<received xmlns="
			       "\"urn:xmpp:chat-markers:0\" id=\"m1\"/>"));
	assert_non_null(strstr(sent, "<dialog_id>d1</dialog_id>"));

	sent[0] = '\0';
	assert_int_equal(0, cube_chat_send(NULL, c, "103", &text, NULL, NULL));
	assert_null(strstr(sent, "dialog_id"));
}


static void answer(int err, unsigned scode, const char *body)
{
	post.h(err, scode, body, body ? strlen(body) : 0, post.job);
}


/* How often a word stands in what went out */
static unsigned count(const char *word)
{
	const char *p = sent;
	unsigned n = 0;

	while ((p = strstr(p, word))) {
		++p;
		++n;
	}

	return n;
}


#define SEND(tp, user) send_it((tp), (user), &text)

static int send_it(struct cube_text **tp, const char *user,
		   const struct chat_text *text)
{
	return cube_chat_send(tp, c, user, text, tp ? sent_handler : NULL, tp);
}


/* Who never wrote: the cloud names the dialog, and texts wait for that */
static void test_first(void **state)
{
	struct cube_info infv[] = {{"number", "42"}, {"none", NULL}};
	struct chat_text text = {"one", NULL, infv, 2};
	struct cube_text *t = NULL, *gone = NULL;
	(void)state;

	post.err = 0;

	assert_int_equal(0, SEND(&t, "102"));
	text.body = "never";
	assert_int_equal(0, SEND(&gone, "102"));
	gone = mem_deref(gone);
	text.body = "two";
	assert_int_equal(0, SEND(NULL, "102"));
	infv[0].value = "43";
	assert_string_equal("", sent);
	assert_int_equal(1, post.n);
	assert_string_equal("{\"type\":3,\"occupants_ids\":\"102\"}",
			    post.body);

	answer(0, 201, "{\"_id\":\"5f3a\",\"type\":3}");
	assert_int_equal(2, count("<dialog_id>5f3a</dialog_id>"));
	assert_int_equal(2, count("<number>42</number>"));
	assert_int_equal(1, count("<ping "));
	assert_non_null(strstr(strstr(sent, ">one<"), ">two<"));
	assert_int_equal(0, told);
	t = mem_deref(t);

	sent[0] = '\0';
	assert_int_equal(0, SEND(NULL, "102"));
	assert_int_equal(1, count("<dialog_id>5f3a</dialog_id>"));
	assert_int_equal(1, post.n);
}


static void stop_handler(void *arg)
{
	(void)arg;
	re_cancel();
}


/* A cloud that has no dialogs, is late, or says something else */
static void test_no_dialog(void **state)
{
	static const char *const badv[] = {
		"", "{}", "[]", "{\"_id\":7}", "{\"_id\":\"\"}",
		"{\"_id\":\"<x/>\"}", "{\"_id\":\"0123456789012345678901234"
		"567890123456789012345678901234567890123456789\"}",
	};
	const struct chat_text text = {.body = "hi"};
	struct cube_text *t = NULL;
	struct tmr tmr;
	size_t i;
	char user[16];
	(void)state;

	post.err = 0;
	tmr_init(&tmr);

	for (i=0; i<ARRAY_SIZE(badv); i++) {
		(void)re_snprintf(user, sizeof(user), "20%zu", i);
		assert_int_equal(0, SEND(NULL, user));
		answer(0, 201, badv[i]);
	}
	assert_int_equal(ARRAY_SIZE(badv), count(">hi<"));
	assert_int_equal(0, count("dialog_id"));

	/* not asked for with each text */
	assert_int_equal(0, SEND(NULL, "200"));
	assert_int_equal(ARRAY_SIZE(badv), post.n);

	/* refused; cannot be asked; no user's id */
	assert_int_equal(0, SEND(NULL, "301"));
	answer(0, 404, "{}");
	assert_int_equal(0, SEND(NULL, "302"));
	answer(ETIMEDOUT, 0, NULL);
	post.err = EAGAIN;
	assert_int_equal(0, SEND(NULL, "303"));
	assert_int_equal(0, SEND(NULL, "3\"4"));
	assert_int_equal(ARRAY_SIZE(badv) + 3, post.n);
	assert_int_equal(ARRAY_SIZE(badv) + 5, count(">hi<"));
	post.err = 0;

	/* too late for what waits, in time for what comes then */
	sent[0] = '\0';
	c->dialog_wait = 1;
	assert_int_equal(0, SEND(&t, "400"));
	assert_string_equal("", sent);
	tmr_start(&tmr, 20, stop_handler, NULL);
	assert_int_equal(0, re_main(NULL));
	assert_int_equal(1, count(">hi<"));
	assert_int_equal(0, SEND(NULL, "400"));
	assert_int_equal(2, count(">hi<"));
	assert_int_equal(0, count("dialog_id"));
	answer(0, 201, "{\"_id\":\"abc\"}");
	assert_int_equal(0, SEND(NULL, "400"));
	assert_int_equal(1, count("<dialog_id>abc</dialog_id>"));
	t = mem_deref(t);
	tmr_cancel(&tmr);
}


/* While texts wait the link goes, or our user, or the other one writes */
static void test_first_ends(void **state)
{
	const struct chat_text text = {.body = "hi"};
	struct cube_text *t = NULL;
	(void)state;

	post.err = 0;
	assert_int_equal(0, SEND(&t, "101"));
	assert_int_equal(0, SEND(NULL, "101"));
	chat_link_down(c);
	assert_int_equal(1, told);
	assert_int_equal(ENOTCONN, told_err);
	assert_null(t);
	answer(0, 201, "{\"_id\":\"abc\"}");
	assert_string_equal("", sent);

	assert_int_equal(0, SEND(&t, "102"));
	recv_xml("<message type='chat' " FROM " id='m1'><body>x</body>"
		 "<extraParams><dialog_id>theirs</dialog_id></extraParams>"
		 "</message>");
	answer(0, 201, "{\"_id\":\"abc\"}");
	assert_int_equal(1, count("<dialog_id>theirs</dialog_id>"));
	t = mem_deref(t);

	assert_int_equal(0, SEND(&t, "103"));
	assert_int_equal(0, SEND(NULL, "103"));
	c = mem_deref(c);
	assert_int_equal(1, told);
	t = mem_deref(t);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_heard, setup, teardown),
		cmocka_unit_test_setup_teardown(test_heard_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dialog, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_dialog, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_first_ends, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
